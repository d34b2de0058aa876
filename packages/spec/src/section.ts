import type { KeyTable, KnownKey } from './keys/key-table.ts'
import { keyTables, type TablePath } from './known-keys.ts'
import type { ProblemList, Span } from './problem.ts'
import { suggest } from './suggest.ts'
import { kindOf, type YamlEntry, type YamlMap, type YamlNode } from './yaml-tree.ts'

/** One supported key that the file sets. */
export interface Field {
  readonly path: string
  readonly keySpan: Span
  readonly node: YamlNode
}

/**
 * The supported keys that a map sets; every other one is reported: refused by name, or unknown with a suggestion.
 * `at` is where the map stands, where that is not the table's own name: an item of a list.
 */
export function readSection(
  map: YamlMap,
  tablePath: TablePath,
  problems: ProblemList,
  at: string = tablePath,
): ReadonlyMap<string, Field> {
  const table: KeyTable = keyTables[tablePath]
  const fields = new Map<string, Field>()
  for (const entry of map.entries) {
    const path = at === '' ? entry.key : `${at}.${entry.key}`
    const known = ownEntry(table, entry.key)
    if (known === undefined) reportUnknown(entry, { tablePath, at }, problems)
    else if (known.status === 'supported') {
      fields.set(entry.key, { path, keySpan: entry.keySpan, node: entry.node })
    } else {
      const isInternal = known.with.startsWith('nothing')
      problems.error({
        path,
        span: entry.keySpan,
        value: kindOf(entry.node),
        message: isInternal
          ? `\`${path}\` is not for users: ${known.with.replace('nothing: ', '')}`
          : `\`${path}\` is not supported yet: it arrives with ${known.with}`,
        hint: known.hint ?? 'Remove the key to run the service here now.',
        shows: 'head',
      })
    }
  }
  return fields
}

/** The field's map; reports anything else. An empty value counts as an empty map where SkyPilot takes it so. */
export function readMap(field: Field, problems: ProblemList): YamlMap | undefined {
  const { node } = field
  if (node.kind === 'map') return node
  if (node.kind === 'scalar' && node.value === null) return { kind: 'map', entries: [], span: node.span }
  problems.error({
    path: field.path,
    span: field.keySpan,
    value: kindOf(node),
    message: `\`${field.path}\` must be a map of keys, not ${kindOf(node)}`,
    hint: `Write \`${lastKey(field.path)}:\` alone on its line and its keys below it, indented.`,
    shows: 'head',
  })
  return undefined
}

/** One key of a field's map, without any check. */
export function childField(field: Field | undefined, key: string): Field | undefined {
  if (field?.node.kind !== 'map') return undefined
  const entry = field.node.entries.find((child) => child.key === key)
  return entry === undefined
    ? undefined
    : { path: `${field.path}.${key}`, keySpan: entry.keySpan, node: entry.node }
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

function ownEntry(table: KeyTable, key: string): KnownKey | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

function reportUnknown(
  entry: YamlEntry,
  { tablePath, at }: { readonly tablePath: TablePath; readonly at: string },
  problems: ProblemList,
): void {
  const table: KeyTable = keyTables[tablePath]
  const shown = entry.key.length <= 60 ? entry.key : `${entry.key.slice(0, 59)}…`
  const path = at === '' ? shown : `${at}.${shown}`
  const where = tablePath === '' ? 'at the top of the file' : `under \`${at}\``
  const allowed = Object.keys(table).filter((key) => ownEntry(table, key)?.status === 'supported')
  problems.error({
    path,
    span: entry.keySpan,
    value: kindOf(entry.node),
    message: `\`${shown}\` is not a key that is known ${where}`,
    hint: `${suggestKey(entry.key, tablePath)}Allowed here: ${allowed.join(', ')}.`,
    shows: 'head',
  })
}

function suggestKey(key: string, tablePath: TablePath): string {
  const near = suggest(
    key,
    Object.keys(keyTables[tablePath]).filter((known) => !known.startsWith('_')),
  )
  const elsewhere = Object.entries(keyTables).find(
    ([path, table]) => path !== tablePath && Object.hasOwn(table, key),
  )?.[0]
  if (elsewhere !== undefined) {
    return `\`${key}\` belongs ${elsewhere === '' ? 'to the top of the file' : `under \`${elsewhere}\``}. `
  }
  return near === undefined ? '' : `Did you mean \`${near}\`? `
}
