import type { SpecProblem } from './problem.ts'

/** One problem as a compiler shows it: place and message, the line with a caret below, and the way out. */
export function formatProblem(problem: SpecProblem, file = problem.file): string {
  const lines = [`${file}:${problem.line}:${problem.column}: ${problem.severity}: ${problem.message}`]
  if (problem.excerpt.trim() !== '') {
    const number = String(problem.line)
    const isOneLine = problem.endLine === problem.line
    const width = isOneLine ? Math.max(1, problem.endColumn - problem.column) : 1
    const room = Math.max(1, problem.excerpt.length - problem.column + 1)
    lines.push(`  ${number} | ${problem.excerpt}`)
    if (problem.column <= problem.excerpt.length + 1) {
      const lead = problem.excerpt.slice(0, problem.column - 1).replaceAll(/[^\t]/g, ' ')
      lines.push(`  ${' '.repeat(number.length)} | ${lead}${'^'.repeat(Math.min(width, room))}`)
    }
  }
  lines.push(`  hint: ${problem.hint}`)
  return lines.join('\n')
}

/** All problems, errors and warnings in the order of the file, with one line of totals. */
export function formatProblems(problems: readonly SpecProblem[], file?: string): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  const totals = [count(errors, 'error'), count(warnings, 'warning')].filter((part) => part !== '').join(', ')
  return [...problems.map((problem) => formatProblem(problem, file)), totals].join('\n')
}

function count(number: number, noun: string): string {
  if (number === 0) return ''
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
