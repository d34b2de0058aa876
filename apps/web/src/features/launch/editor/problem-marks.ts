import type { Diagnostic } from '@codemirror/lint'
import type { Text } from '@codemirror/state'
import type { SpecProblemView } from '@skykeep/core/views'

/** The offset of a line and column, both from 1, kept inside a text that may have changed since. */
export function offsetOf(doc: Text, line: number, column: number): number {
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines))
  return Math.min(found.from + Math.max(column - 1, 0), found.to)
}

/** The parser's problems as marks in the text. Pure. */
export function marksOf(doc: Text, problems: readonly SpecProblemView[]): readonly Diagnostic[] {
  return problems.map((problem) => {
    const from = offsetOf(doc, problem.line, problem.column)
    return {
      from,
      to: Math.max(from, offsetOf(doc, problem.endLine, problem.endColumn)),
      severity: problem.severity,
      message: `${problem.message}. ${problem.hint}`,
    }
  })
}
