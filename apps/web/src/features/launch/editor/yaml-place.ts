/** Where a place in a service YAML is, told from the indentation alone: what is being typed is seldom whole. */
export interface YamlPlace {
  /** Dotted path of the map that the line belongs to; '' for the top of the file. */
  readonly table: string
  /** `key`: the name of a key is being written; `value`: what stands behind the key. */
  readonly part: 'key' | 'value'
  /** The key of the line as far as it is written. */
  readonly key: string
  /** Offset in the text at which the word under the cursor begins. */
  readonly from: number
  /** Column, from 0, of the keys of this map. */
  readonly indent: number
  /** Keys that the map has on other lines. */
  readonly siblings: ReadonlySet<string>
}

/** A key in the text, with where it stands. */
export interface KeyPlace {
  readonly table: string
  readonly key: string
  readonly from: number
  readonly to: number
}

const beforeKey = /^((?: *- +)* *)(\w*)$/
const beforeValue = /^((?: *- +)* *)(\w+): +([^\s#[\]{}&*!|>'"%@`]*)$/
const keyOfLine = /^((?: *- +)* *)(\w+)\s*:(?:\s|$)/
const isBlank = /^\s*(?:#.*)?$/

/** The place at an offset of the text; null where no key and no plain value is written: comments, quotes, flow maps, scripts. Pure. */
export function placeAt(text: string, offset: number): YamlPlace | null {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const before = text.slice(start, offset)
  const [, indentText = '', key = '', value] = beforeValue.exec(before) ?? beforeKey.exec(before) ?? []
  if (beforeValue.exec(before) === null && beforeKey.exec(before) === null) return null
  const lines = text.split('\n')
  const at = text.slice(0, start).split('\n').length - 1
  const word = value ?? key
  return {
    table: pathAbove(lines, at, indentText.length),
    part: value === undefined ? 'key' : 'value',
    key,
    from: offset - word.length,
    indent: indentText.length,
    siblings: siblingsOf(lines, at, indentText),
  }
}

/** The key of the line at an offset; null where the line begins with none. Pure. */
export function keyAt(text: string, offset: number): KeyPlace | null {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const lines = text.split('\n')
  const at = text.slice(0, start).split('\n').length - 1
  const [, indentText, key] = keyOfLine.exec(lines[at] ?? '') ?? []
  if (indentText === undefined || key === undefined) return null
  const from = start + indentText.length
  return { table: pathAbove(lines, at, indentText.length), key, from, to: from + key.length }
}

/** The keys under which a line of this indentation stands, dotted. */
function pathAbove(lines: readonly string[], at: number, indent: number): string {
  const path: string[] = []
  let limit = indent
  for (let index = at - 1; index >= 0 && limit > 0; index -= 1) {
    const line = lines[index] ?? ''
    const column = isBlank.test(line) ? Infinity : line.search(/[^ ]/)
    if (column >= limit) continue
    const [, indentText, key] = keyOfLine.exec(line) ?? []
    if (indentText === undefined || key === undefined) {
      limit = column
      continue
    }
    // The first key of a list's item stands beside the others of its map, not above them.
    if (indentText.length < limit) path.unshift(key)
    limit = indentText.length < limit ? indentText.length : column + 1
  }
  return path.join('.')
}

/** The other keys of the map that a line belongs to. */
function siblingsOf(lines: readonly string[], at: number, indentText: string): ReadonlySet<string> {
  const found = new Set<string>()
  const indent = indentText.length
  const collect = (from: number, step: 1 | -1): void => {
    for (let index = from; index >= 0 && index < lines.length; index += step) {
      const line = lines[index] ?? ''
      if (isBlank.test(line)) continue
      const [, own = '', key] = keyOfLine.exec(line) ?? []
      const column = key === undefined ? line.search(/[^ ]/) : own.length
      const isNextItem = step === 1 && own.includes('-') && column === indent
      if (column < indent || isNextItem) return
      if (column === indent && key !== undefined) found.add(key)
      if (step === -1 && own.includes('-') && column === indent) return
    }
  }
  if (!indentText.includes('-')) collect(at - 1, -1)
  collect(at + 1, 1)
  return found
}
