export type LineKind = 'added' | 'removed' | 'place' | 'same'

export interface DiffLine {
  /** Place in the diff, from 0. */
  readonly at: number
  readonly kind: LineKind
  readonly text: string
}

/** The lines of a unified diff without its head of file names; empty for no difference. Pure. */
export function diffLines(text: string): readonly DiffLine[] {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => line.startsWith('@@'))
  if (from < 0) return []
  const body = lines.slice(from)
  if (body.at(-1) === '') body.pop()
  return body.map((line, at) => ({ at, kind: kindOf(line), text: line }))
}

function kindOf(line: string): LineKind {
  if (line.startsWith('@@') || line.startsWith('\\')) return 'place'
  if (line.startsWith('+')) return 'added'
  return line.startsWith('-') ? 'removed' : 'same'
}
