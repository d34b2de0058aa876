import { isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml'
import { SkykeepError } from '@skykeep/core/errors'
import { configKeys, configSections, type Config, type ConfigKey } from './config-keys.ts'

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
  let config: Config = {}
  for (const pair of map.items) {
    const name = isScalar(pair.key) ? String(pair.key.value) : ''
    const path = `${prefix}${name}`
    const at = place(isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0)
    const known = Object.hasOwn(configKeys, path) ? configKeys[path] : undefined
    if (known !== undefined) {
      const value = isScalar(pair.value) ? pair.value.value : pair.value
      config = merged(config, readValue(known, value, `${at}: ${path}`))
    } else if (prefix === '' && configSections.has(name)) {
      if (isMap(pair.value)) config = merged(config, readMap(pair.value, `${name}.`, place))
      else if (!(isScalar(pair.value) && pair.value.value === null))
        throw invalid(`${at}: ${name} must be a mapping`, hintOf(path))
    } else {
      throw invalid(`${at}: unknown key \`${path}\``, hintOf(path))
    }
  }
  return config
}

function merged(config: Config, more: Config): Config {
  if (more.retention === undefined) return { ...config, ...more }
  return { ...config, ...more, retention: { ...config.retention, ...more.retention } }
}

function readValue(key: ConfigKey, value: unknown, what: string): Config {
  if (key.kind === 'text') {
    if (typeof value === 'string' && value !== '') {
      const problem = key.problemOf?.(value) ?? null
      if (problem === null) return key.read(value)
      throw invalid(`${what} ${problem}, not ${show(value)}`, `For example \`${key.example}\`.`)
    }
    throw invalid(
      `${what} must be a non-empty text, not ${show(value)}`,
      'Quote it if it looks like a number.',
    )
  }
  const { min, max } = key
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max)
    return key.read(value)
  throw invalid(
    `${what} must be a whole number from ${min} to ${max}, not ${show(value)}`,
    'Correct the value.',
  )
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
  const all = Object.keys(configKeys)
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
