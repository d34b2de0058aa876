import { stripVTControlCharacters } from 'node:util'

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Two cells on a terminal: East Asian wide and full-width letters (Unicode Standard Annex 11), and what is drawn as an emoji. The ranges
 * are the blocks of the scripts, not each letter.
 */
const wide =
  /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{17000}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{20000}-\u{3FFFD}]/u
/** No cell of its own: marks that stand alone, and what only joins or hides. */
const invisible = /^(?:\p{Mark}|\p{Default_Ignorable_Code_Point}|\p{Control})+$/u

/** Cells of one letter as people see it. */
function cellsOf(grapheme: string): number {
  if (invisible.test(grapheme)) return 0
  return wide.test(grapheme) ? 2 : 1
}

/** Cells that a text takes on a terminal; its colours take none. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text)
  if (/^[ -~]*$/.test(plain)) return plain.length
  let cells = 0
  for (const { segment } of segmenter.segment(plain)) cells += cellsOf(segment)
  return cells
}

/** A colour, as `paint` writes it. */
const colour = /(\u001B\[[0-9;]*m)/

/** The text, or as much of its begin as fits into `width` cells with an ellipsis. Colours are kept, and ended where they were cut. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let room = Math.max(0, width - 1)
  let shown = ''
  let isColoured = false
  for (const part of text.split(colour)) {
    if (colour.test(part)) {
      shown += part
      isColoured = part !== '\u001B[0m'
      continue
    }
    for (const { segment } of segmenter.segment(part)) {
      const cells = cellsOf(segment)
      if (cells > room) return `${shown}${width > 0 ? '…' : ''}${isColoured ? '\u001B[0m' : ''}`
      room -= cells
      shown += segment
    }
  }
  return shown
}

/** Exactly `width` cells: cut with an ellipsis, or filled up with spaces. */
export function fitted(text: string, width: number): string {
  const short = cut(text, width)
  return `${short}${' '.repeat(Math.max(0, width - widthOf(short)))}`
}

/** Words as one line, without what a terminal would obey: colours, cursor movements and other control characters. */
export function flat(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Control}/gu, '')
}

/** Text with line ends in it, each line at most `width` cells long where its words allow that, and each begun with `before`. */
export function wrapped(text: string, width: number, before = ''): string {
  return text
    .split('\n')
    .flatMap((paragraph) => linesOf(paragraph, Math.max(1, width)))
    .map((line) => `${before}${line}`)
    .join('\n')
}

function linesOf(paragraph: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of paragraph.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}
