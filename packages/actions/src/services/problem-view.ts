import type { SpecProblemView } from '@skykeep/core/views'

/** A finding as people read it: without the name of the file, which only the one who sent the text knows. */
export function toProblemView(problem: SpecProblemView): SpecProblemView {
  const { severity, path, line, column, endLine, endColumn, value, message, hint, excerpt } = problem
  return { severity, path, line, column, endLine, endColumn, value, message, hint, excerpt }
}
