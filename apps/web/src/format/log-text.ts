import { withoutTerminalCodes } from '@skykeep/core/terminal-text'

/** Log text as lines to show: terminal codes gone, a carriage return keeps only what was written last on its line. */
export function linesOf(text: string): readonly string[] {
  const lines = withoutTerminalCodes(text).replaceAll('\r\n', '\n').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => line.slice(line.lastIndexOf('\r', line.length - 2) + 1))
}

export interface Piece {
  readonly text: string
  readonly isMatch: boolean
  /** Where it begins in the line. */
  readonly at: number
}

/** A line cut at each occurrence of `needle` (letter case ignored), in order and without loss; one piece when there is none. */
export function piecesOf(line: string, needle: string): readonly Piece[] {
  if (needle === '') return [{ text: line, isMatch: false, at: 0 }]
  const pieces: Piece[] = []
  const lowered = line.toLowerCase()
  const wanted = needle.toLowerCase()
  // Lowering may change the length of a few letters (İ); then positions would lie, so nothing is marked.
  if (lowered.length !== line.length) return [{ text: line, isMatch: false, at: 0 }]
  let from = 0
  for (let at = lowered.indexOf(wanted); at !== -1; at = lowered.indexOf(wanted, from)) {
    if (at > from) pieces.push({ text: line.slice(from, at), isMatch: false, at: from })
    pieces.push({ text: line.slice(at, at + wanted.length), isMatch: true, at })
    from = at + wanted.length
  }
  if (from < line.length || pieces.length === 0)
    pieces.push({ text: line.slice(from), isMatch: false, at: from })
  return pieces
}
