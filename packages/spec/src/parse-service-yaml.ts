import type { ServiceSpec } from '@skykeep/core/service-spec'
import { readVariables } from './envs.ts'
import { ProblemList, shorten, type Span, type SpecProblem } from './problem.ts'
import { maskSpans, redactYaml, secretMask } from './redact.ts'
import { readResources } from './resources.ts'
import { readText } from './scalars.ts'
import { readSection, type Field } from './section.ts'
import { readService } from './service-section.ts'
import { substitute, type Variables } from './substitute.ts'
import { suggest } from './suggest.ts'
import { readYamlDocument } from './yaml-document.ts'
import type { YamlMap, YamlNode } from './yaml-tree.ts'

export interface ParseInput {
  /** The service's name from the command line; wins over the file's. */
  readonly name?: string
  /** Where the text came from; in problems of the command line only. */
  readonly file?: string
  /** `--env NAME=VALUE`. */
  readonly envs?: Readonly<Record<string, string>>
  /** `--secret NAME=VALUE`. */
  readonly secrets?: Readonly<Record<string, string>>
}

export type ParseResult = ParsedService | { readonly ok: false; readonly problems: readonly SpecProblem[] }

export interface ParsedService {
  readonly ok: true
  /** Without `task.workdir`: the caller resolves `workdir` against its own folder and sets it. */
  readonly spec: ServiceSpec
  /** Values by name, to be encrypted; they are in no other field. */
  readonly secrets: Readonly<Record<string, string>>
  /** The folder as written, envs filled in: relative to the caller's folder, as SkyPilot does. */
  readonly workdir?: string
  /** The text with the secrets blanked: what is stored and shown. */
  readonly redactedYaml: string
  readonly warnings: readonly SpecProblem[]
}

/** Service names end up in host names and paths: a DNS label, short enough for a suffix. */
const serviceName = /^[a-z](?:[-a-z0-9]{0,40}[a-z0-9])?$/
const maxScriptCharacters = 256 * 1024

/**
 * Reads SkyPilot's task YAML with a `service` section. Never throws on any text: every problem that can be found is
 * returned with its key, line, column and a way out. Rules: SkyPilot's yaml-spec and `service_spec.py`.
 */
export function parseServiceYaml(rawText: string, input: ParseInput = {}): ParseResult {
  const text = rawText.startsWith('\uFEFF') ? rawText.slice(1) : rawText
  const problems = new ProblemList(text)
  const root = readYamlDocument(text, problems, !mentionsSecrets(text))
  const secretSpans = root === undefined ? [] : spansOfSecrets(root)
  const secretTexts = [
    ...Object.values(input.secrets ?? {}),
    ...(root === undefined
      ? []
      : secretNodes(root).flatMap((node) => (node.kind === 'scalar' ? [node.source] : []))),
  ]
  const sweep = secretMask(secretTexts)
  const mask = (part: string): string => sweep(part === text ? maskSpans(part, secretSpans) : part)
  const read = root === undefined ? undefined : readTask(root, input, problems)
  const found = problems.finish(mask)
  if (read === undefined || problems.hasErrors()) return { ok: false, problems: found }
  return { ok: true, ...read, redactedYaml: redactYaml(text, secretSpans, sweep), warnings: found }
}

type Read = Pick<ParsedService, 'spec' | 'secrets' | 'workdir'>

function readTask(root: YamlMap, input: ParseInput, problems: ProblemList): Read | undefined {
  const fields = readSection(root, '', problems)
  const variables = readAllVariables(fields, input, problems)
  const resources = readResources(fields.get('resources'), problems)
  const portsField = childField(fields.get('resources'), 'ports')
  const name = readName(fields.get('name'), input, problems)
  const run = readScript(fields.get('run'), problems)
  const setup = readScript(fields.get('setup'), problems)
  const workdir = readWorkdir(fields.get('workdir'), variables, problems)
  if (run === undefined && !fields.has('run'))
    reportMissing('run', 'Write the command that starts the server: `run: node server.js`.', problems)
  const serviceField = fields.get('service')
  if (serviceField === undefined) {
    reportMissing('service', 'Add `service:` with `readiness_probe: /` below it, indented.', problems)
    return undefined
  }
  const service = readService(serviceField, { resources, portsField, variables }, problems)
  checkPortVariable(variables, { port: service?.replicaPort, field: fields.get('envs') }, problems)
  if (service === undefined || run === undefined || name === undefined) return undefined
  const spec: ServiceSpec = {
    specVersion: 1,
    name,
    task: {
      ...(setup === undefined ? {} : { setup }),
      run,
      envs: variables.envs,
      secretNames: Object.keys(variables.secrets),
      resources,
    },
    service,
  }
  return { spec, secrets: variables.secrets, ...(workdir === undefined ? {} : { workdir }) }
}

function readAllVariables(
  fields: ReadonlyMap<string, Field>,
  input: ParseInput,
  problems: ProblemList,
): Variables {
  const envs = readVariables(
    { field: fields.get('envs'), given: input.envs ?? {}, option: '--env' },
    problems,
  )
  const secrets = readVariables(
    { field: fields.get('secrets'), given: input.secrets ?? {}, option: '--secret' },
    problems,
  )
  for (const name of Object.keys(secrets)) {
    if (!Object.hasOwn(envs, name)) continue
    const span = fields.get('secrets')?.keySpan ?? { start: 0, end: 0 }
    problems.error({
      path: `secrets.${name}`,
      span,
      value: 'in both',
      message: `\`${name}\` is both an env and a secret`,
      hint: 'Keep it in `secrets` and remove it from `envs`.',
      isLineTailHidden: true,
    })
  }
  return { envs, secrets }
}

function readName(field: Field | undefined, input: ParseInput, problems: ProblemList): string | undefined {
  const written = field === undefined ? undefined : readText(field, problems)
  const name = input.name ?? written
  if (name === undefined) {
    if (field === undefined)
      reportMissing('name', 'Add `name: my-service`, or give the name on the command line.', problems)
    return undefined
  }
  if (serviceName.test(name)) return name
  const isFromFile = input.name === undefined && field !== undefined
  const better = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[-0-9]+|-+$/g, '')
    .slice(0, 42)
  problems.error({
    path: 'name',
    span: isFromFile ? field.node.span : { start: 0, end: 0 },
    value: shorten(name),
    message:
      'a service’s name has 1 to 42 characters: a-z, 0-9 and -, starts with a letter, does not end with -',
    hint: `Write for example \`${serviceName.test(better) ? better : 'my-service'}\`.`,
  })
  return undefined
}

function readScript(field: Field | undefined, problems: ProblemList): string | undefined {
  if (field === undefined) return undefined
  const isNothing = field.node.kind === 'scalar' && field.node.value === null
  if (isNothing && field.path === 'setup') return undefined
  const text = readText(field, problems)
  if (text === undefined) return undefined
  const isEmpty = text.trim() === '' && field.path === 'run'
  if (!isEmpty && text.length <= maxScriptCharacters) return text
  problems.error({
    path: field.path,
    span: field.keySpan,
    value: isEmpty ? 'empty text' : `${text.length} characters`,
    message: isEmpty
      ? '`run` is empty'
      : `\`${field.path}\` may have at most ${maxScriptCharacters} characters`,
    hint: isEmpty
      ? 'Write the command that starts the server.'
      : 'Put the script into a file of the workdir and call it.',
    isLineTailHidden: true,
  })
  return undefined
}

function readWorkdir(
  field: Field | undefined,
  variables: Variables,
  problems: ProblemList,
): string | undefined {
  if (field === undefined) return undefined
  if (field.node.kind === 'map') {
    problems.error({
      path: field.path,
      span: field.keySpan,
      value: 'a map',
      message: '`workdir` from a git repository is not supported yet: it arrives with git working folders',
      hint: 'Clone the repository and write its folder, or clone it in `setup`.',
      isLineTailHidden: true,
    })
    return undefined
  }
  const text = readText(field, problems)
  if (text === undefined) return undefined
  const folder = substitute(text, variables, { path: field.path, span: field.node.span }, problems)
  const isFolder =
    folder.trim() !== '' && folder.length <= 4096 && !/^[a-z][a-z0-9+]*:\/\/|^git@/i.test(folder)
  if (isFolder && !/[\r\n]/.test(folder)) return folder
  problems.error({
    path: field.path,
    span: field.node.span,
    value: shorten(folder),
    message: '`workdir` must be the path of a local folder',
    hint: 'Write for example `workdir: .` or `workdir: examples/hello`.',
  })
  return undefined
}

/** The task finds its port in PORT: an env that says otherwise would be lost without a word. */
function checkPortVariable(
  variables: Variables,
  fixed: { readonly port: number | undefined; readonly field: Field | undefined },
  problems: ProblemList,
): void {
  const isSecret = Object.hasOwn(variables.secrets, 'PORT')
  const value = Object.hasOwn(variables.envs, 'PORT') ? variables.envs['PORT'] : undefined
  if (!isSecret && (value === undefined || value === String(fixed.port))) return
  problems.error({
    path: isSecret ? 'secrets.PORT' : 'envs.PORT',
    span: childField(fixed.field, 'PORT')?.keySpan ?? { start: 0, end: 0 },
    value: isSecret ? 'a secret' : shorten(value ?? ''),
    message: 'PORT is set by the system for each replica and cannot be given',
    hint: 'Remove it; to use a fixed port write it as `resources.ports`.',
    isLineTailHidden: true,
  })
}

function childField(field: Field | undefined, key: string): Field | undefined {
  if (field?.node.kind !== 'map') return undefined
  const entry = field.node.entries.find((child) => child.key === key)
  return entry === undefined
    ? undefined
    : { path: `${field.path}.${key}`, keySpan: entry.keySpan, node: entry.node }
}

function reportMissing(key: 'name' | 'run' | 'service', hint: string, problems: ProblemList): void {
  problems.error({
    path: key,
    span: { start: 0, end: 0 },
    value: 'nothing',
    message: `\`${key}\` is missing`,
    hint,
    isLineTailHidden: true,
  })
}

function secretNodes(root: YamlMap): YamlNode[] {
  const secrets = root.entries.find(({ key }) => key === 'secrets')?.node
  return secrets?.kind === 'map' ? secrets.entries.flatMap(({ node }) => leavesOf(node)) : []
}

/** A misplaced map or list among the secrets is as secret as a value. */
function leavesOf(node: YamlNode): YamlNode[] {
  if (node.kind === 'scalar') return node.value === null ? [] : [node]
  if (node.kind === 'list') return node.items.flatMap((item) => leavesOf(item))
  return node.entries.flatMap((entry) => leavesOf(entry.node))
}

function spansOfSecrets(root: YamlMap): Span[] {
  return secretNodes(root).map((node) => node.definedAt ?? node.span)
}

/** A text that is not valid YAML may hold secrets where no tree can tell: then its lines are not shown. */
function mentionsSecrets(text: string): boolean {
  for (const match of text.matchAll(/([\w-]{4,12})["']?\s*:/g)) {
    if (suggest(match[1] ?? '', ['secrets', 'secret']) !== undefined) return true
  }
  return false
}
