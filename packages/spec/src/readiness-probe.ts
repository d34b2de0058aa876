import type { ReadinessProbe } from '@skykeep/core/service-spec'
import { shorten, type ProblemList } from './problem.ts'
import { plainNumberOf, readNumber, readText } from './scalars.ts'
import { readMap, readSection, type Field } from './section.ts'
import { substitute, type Variables } from './substitute.ts'
import { kindOf, type YamlNode } from './yaml-tree.ts'

const maxBodyCharacters = 64 * 1024
/** RFC 9110 §5.6.2: a header's name is a token. */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/
const framingHeaders = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'trailer',
])

/** SkyPilot's defaults (`sky/serve/constants.py`). */
const defaults: ReadinessProbe = {
  path: '/',
  initialDelaySeconds: 1200,
  timeoutSeconds: 15,
  intervalSeconds: 10,
  failureThresholdSeconds: 180,
  headers: {},
}

/** `service.readiness_probe`: a path, or a map with a path. */
export function readReadinessProbe(
  field: Field,
  variables: Variables,
  problems: ProblemList,
): ReadinessProbe {
  const { node } = field
  if (node.kind === 'scalar' && node.value !== null) {
    return { ...defaults, path: readPath(field, variables, problems) }
  }
  const map = node.kind === 'map' ? readMap(field, problems) : undefined
  if (map === undefined) {
    reportMissingPath(field, problems)
    return defaults
  }
  const fields = readSection(map, 'service.readiness_probe', problems)
  const path = fields.get('path')
  if (path === undefined) reportMissingPath(field, problems)
  const seconds = (key: string, least: number, fallback: number): number => {
    const given = fields.get(key)
    if (given === undefined) return fallback
    const most = least === 0 ? 86_400 : 3600
    return readNumber(given, { least, most, isInteger: false }, problems) ?? fallback
  }
  const postBody = readPostBody(fields.get('post_data'), variables, problems)
  return {
    path: path === undefined ? '/' : readPath(path, variables, problems),
    initialDelaySeconds: seconds('initial_delay_seconds', 0, defaults.initialDelaySeconds),
    timeoutSeconds: seconds('timeout_seconds', 0.1, defaults.timeoutSeconds),
    intervalSeconds: seconds('endpoint_probe_interval_seconds', 0.1, defaults.intervalSeconds),
    failureThresholdSeconds: seconds(
      'consecutive_failure_threshold_timeout',
      0,
      defaults.failureThresholdSeconds,
    ),
    headers: readHeaders(fields.get('headers'), variables, problems),
    ...(postBody === undefined ? {} : { postBody }),
  }
}

function reportMissingPath(field: Field, problems: ProblemList): void {
  problems.error({
    path: field.path,
    span: field.keySpan,
    value: kindOf(field.node),
    message: '`service.readiness_probe` needs a path',
    hint: 'Write `readiness_probe: /health`, or a map with `path: /health`.',
    shows: 'head',
  })
}

function readPath(field: Field, variables: Variables, problems: ProblemList): string {
  const text = readText(field, problems)
  if (text === undefined) return '/'
  const path = substitute(text, variables, { path: field.path, span: field.node.span }, problems)
  if (/^\/[!-"$-~]{0,2000}$/.test(path) && !path.startsWith('//')) return path
  problems.error({
    path: field.path,
    span: field.node.span,
    value: shorten(path),
    message: `\`${field.path}\` must be an HTTP path that starts with /, without spaces, # or characters outside ASCII`,
    hint: pathHint(path),
  })
  return '/'
}

function pathHint(path: string): string {
  if (path.startsWith('//')) return 'Start it with one /.'
  if (path.startsWith('/')) return 'Percent-encode the other characters (a space is %20).'
  return `Write it as /${suggestedPath(path)}.`
}

function suggestedPath(text: string): string {
  return /^[a-z0-9][a-z0-9/_-]{0,40}$/i.test(text) ? text : 'health'
}

function readHeaders(
  field: Field | undefined,
  variables: Variables,
  problems: ProblemList,
): Record<string, string> {
  const map = field === undefined ? undefined : readMap(field, problems)
  const headers = new Map<string, string>()
  for (const { key, keySpan, node } of map?.entries ?? []) {
    const path = `service.readiness_probe.headers.${key.slice(0, 60)}`
    if (!headerName.test(key) || framingHeaders.has(key.toLowerCase()) || key === '__proto__') {
      problems.error({
        path,
        span: keySpan,
        value: shorten(key),
        message: 'this cannot be given as a header of the probe',
        hint: 'Use a header name of letters, digits and -, other than Host, Connection and those of framing.',
        shows: 'head',
      })
      continue
    }
    const text = readText({ path, keySpan, node }, problems)
    if (text === undefined) continue
    const value = substitute(text, variables, { path, span: node.span }, problems)
    if (/^[\t -~\u0080-\u00ff]{0,4096}$/.test(value)) headers.set(key, value)
    else {
      problems.error({
        path,
        span: node.span,
        value: 'text that a header cannot carry',
        message: `\`${path}\` must be one line of at most 4096 Latin-1 characters`,
        hint: 'Remove line breaks and other characters, or encode them.',
      })
    }
  }
  return Object.fromEntries(headers)
}

function readPostBody(
  field: Field | undefined,
  variables: Variables,
  problems: ProblemList,
): string | undefined {
  if (field === undefined) return undefined
  const { node, path } = field
  const fill = (text: string): string => substitute(text, variables, { path, span: node.span }, problems)
  let body: string | undefined
  if (node.kind === 'map') body = JSON.stringify(toJson(node, fill))
  else if (node.kind === 'scalar' && typeof node.value === 'string') body = jsonText(fill(node.source))
  if (body !== undefined && body.length <= maxBodyCharacters) return body
  problems.error({
    path,
    span: node.kind === 'scalar' ? node.span : field.keySpan,
    value: body === undefined ? kindOf(node) : 'a very long value',
    message:
      body === undefined
        ? `\`${path}\` must be a map, or text that is valid JSON`
        : `\`${path}\` may have at most ${maxBodyCharacters} characters`,
    hint: 'Write for example post_data: {"model": "my-model"} without further quotes.',
    shows: node.kind === 'scalar' ? 'line' : 'head',
  })
  return undefined
}

function jsonText(text: string): string | undefined {
  try {
    JSON.parse(text)
    return text
  } catch {
    return undefined
  }
}

function toJson(node: YamlNode, fill: (text: string) => string): unknown {
  if (node.kind === 'list') return node.items.map((item) => toJson(item, fill))
  if (node.kind === 'map') {
    // fromEntries defines own properties, so that a `__proto__` key stays an ordinary one.
    return Object.fromEntries(node.entries.map(({ key, node: child }) => [fill(key), toJson(child, fill)]))
  }
  if (typeof node.value === 'string') return fill(node.value)
  return typeof node.value === 'number' ? (plainNumberOf(node) ?? node.source) : node.value
}
