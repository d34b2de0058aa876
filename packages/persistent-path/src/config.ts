import { isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml'
import { SkykeepError } from '@skykeep/core/errors'

/** config.yaml, typed. Every key is optional. */
export interface Config {
  /** As written: not yet expanded. */
  readonly persistentPath?: string
  readonly databaseUrl?: string
  /** 1–64. */
  readonly gatewayProcesses?: number
  /** 1–65535. */
  readonly webPort?: number
}

type Kind = 'text' | 'processes' | 'port'
const keys: Readonly<Record<string, { readonly kind: Kind; readonly field: keyof Config }>> = {
  persistent_path: { kind: 'text', field: 'persistentPath' },
  'database.url': { kind: 'text', field: 'databaseUrl' },
  'gateway.processes': { kind: 'processes', field: 'gatewayProcesses' },
  'web.port': { kind: 'port', field: 'webPort' },
}
const sections = new Set(['database', 'gateway', 'web'])

/**
 * Parses config.yaml strictly. Throws INVALID_INPUT that names the file, line, key, value and fix for text that is no YAML, an unknown
 * key (with the nearest known one) and a value of the wrong type or range.
 */
export function parseConfig(text: string, file: string): Config {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const place = (offset: number): string => `${file}:${lines.linePos(offset).line}`
  const broken = document.errors[0]
  if (broken !== undefined) {
    throw invalid(
      `${place(broken.pos[0])}: not valid YAML: ${(broken.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}`,
      'Correct the file.',
    )
  }
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    return {}
  if (!isMap(document.contents)) {
    throw invalid(`${file}: must be a mapping of keys`, 'For example `persistent_path: /data/skykeep`.')
  }
  return readMap(document.contents, '', place)
}

type Place = (offset: number) => string

function readMap(map: YAMLMap, prefix: string, place: Place): Config {
  const config: Config = {}
  for (const pair of map.items) {
    const name = isScalar(pair.key) ? String(pair.key.value) : ''
    const path = `${prefix}${name}`
    const at = place(isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0)
    const known = Object.hasOwn(keys, path) ? keys[path] : undefined
    if (known !== undefined) {
      const value = isScalar(pair.value) ? pair.value.value : pair.value
      Object.assign(config, { [known.field]: checked(known.kind, value, `${at}: ${path}`) })
    } else if (prefix === '' && sections.has(name)) {
      if (isMap(pair.value)) Object.assign(config, readMap(pair.value, `${name}.`, place))
      else if (!(isScalar(pair.value) && pair.value.value === null))
        throw invalid(`${at}: ${name} must be a mapping`, hintOf(path))
    } else {
      throw invalid(`${at}: unknown key \`${path}\``, hintOf(path))
    }
  }
  return config
}

function checked(kind: Kind, value: unknown, what: string): string | number {
  if (kind === 'text') {
    if (typeof value === 'string' && value !== '') return value
    throw invalid(
      `${what} must be a non-empty text, not ${show(value)}`,
      'Quote it if it looks like a number.',
    )
  }
  const max = kind === 'port' ? 65_535 : 64
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max) return value
  throw invalid(`${what} must be a whole number from 1 to ${max}, not ${show(value)}`, 'Correct the value.')
}

function show(value: unknown): string {
  return typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    value === null
    ? JSON.stringify(value)
    : 'a mapping or list'
}

function hintOf(path: string): string {
  const all = Object.keys(keys)
  const nearest = all
    .map((key) => ({
      key,
      distance: Math.min(distance(path, key), distance(path, key.split('.').at(-1) ?? key)),
    }))
    .toSorted((a, b) => a.distance - b.distance)[0]
  const closeEnough = nearest !== undefined && nearest.distance <= Math.max(2, Math.floor(path.length / 3))
  return closeEnough ? `Did you mean \`${nearest.key}\`?` : `Known keys: ${all.join(', ')}.`
}

/** Levenshtein distance, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

function invalid(message: string, hint: string): SkykeepError {
  return new SkykeepError('INVALID_INPUT', message, { hint })
}
