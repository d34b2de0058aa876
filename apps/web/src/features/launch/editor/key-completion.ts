import {
  startCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete'
import type { EditorView } from '@codemirror/view'
import type { SupportedKey } from '@skykeep/spec/keys/key-table'
import { keyTableAt, knownKeyAt } from '@skykeep/spec/known-keys'
import { helpElement } from './key-help-element.ts'
import { placeAt, type YamlPlace } from './yaml-place.ts'

/** The keys that may still stand at the cursor, or the values of the key that stands there. */
export function completeKeys(context: CompletionContext): CompletionResult | null {
  const place = placeAt(context.state.doc.toString(), context.pos)
  if (place === null) return null
  if (!context.explicit && place.part === 'key' && context.pos === place.from) return null
  const options = place.part === 'key' ? keyOptions(place) : valueOptions(place)
  return options.length === 0 ? null : { from: place.from, options, validFor: /^[\w/+-]*$/ }
}

function keyOptions(place: YamlPlace): readonly Completion[] {
  return Object.entries(keyTableAt(place.table) ?? {}).flatMap(([key, known], index) =>
    known.status !== 'supported' || place.siblings.has(key)
      ? []
      : [
          {
            label: key,
            type: 'property',
            boost: -index,
            detail: known.unlessSaid === null ? 'must be given' : `unless said: ${known.unlessSaid}`,
            info: () => helpElement(place.table, key),
            apply: (view: EditorView, _: Completion, from: number, to: number) =>
              insertKey(view, { place, key, known, from, to }),
          },
        ],
  )
}

interface Insertion {
  readonly place: YamlPlace
  readonly key: string
  readonly known: SupportedKey
  readonly from: number
  readonly to: number
}

/** Writes the key with its colon, goes where its value begins, and offers the values where they are few. */
function insertKey(view: EditorView, { place, key, known, from, to }: Insertion): void {
  const isMap = known.example.startsWith(`${key}:\n`)
  const hasColon = /^\s*:/.test(view.state.doc.lineAt(to).text.slice(to - view.state.doc.lineAt(to).from))
  const rest = isMap ? `:\n${' '.repeat(place.indent + 2)}` : ': '
  const insert = hasColon ? key : key + rest
  view.dispatch({
    changes: { from, to, insert },
    selection: { anchor: from + insert.length },
    userEvent: 'input.complete',
  })
  const isChoice = known.values !== undefined || (isMap && keyTableAt(pathOf(place.table, key)) !== undefined)
  if (isChoice && !hasColon) startCompletion(view)
}

function valueOptions({ table, key }: YamlPlace): readonly Completion[] {
  const known = knownKeyAt(table, key)
  if (known?.status !== 'supported') return []
  const values = key === 'time_zone' ? ['UTC', ...Intl.supportedValuesOf('timeZone')] : (known.values ?? [])
  return values.map((value, index) => ({
    label: value,
    type: 'enum',
    boost: Math.max(-index, -99),
    detail: value === known.unlessSaid ? 'unless said' : '',
    info: () => helpElement(table, key),
  }))
}

/** The dotted path of a key. */
function pathOf(table: string, key: string): string {
  return table === '' ? key : `${table}.${key}`
}
