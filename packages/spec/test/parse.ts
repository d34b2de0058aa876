import { parseServiceYaml, type ParsedService, type ParseInput } from '../src/parse-service-yaml.ts'
import type { SpecProblem } from '../src/problem.ts'

/** The smallest service, to which a test adds what it is about. */
export function serviceYaml(parts: { top?: string; service?: string; name?: string } = {}): string {
  const name = parts.name ?? 'name: hello\n'
  const top = parts.top === undefined ? '' : `${parts.top}\n`
  const service = parts.service ?? 'readiness_probe: /health'
  return `${name}run: node server.js\n${top}service:\n${indent(service)}\n`
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

/** The parsed service; fails the test with the problems otherwise. */
export function parsed(text: string, input: ParseInput = {}): ParsedService {
  const result = parseServiceYaml(text, input)
  if (result.ok) return result
  throw new Error(result.problems.map((problem) => `${problem.path}: ${problem.message}`).join('\n'))
}

/** The problems of a text that must be refused. */
export function problemsOf(text: string, input: ParseInput = {}): readonly SpecProblem[] {
  const result = parseServiceYaml(text, input)
  if (!result.ok) return result.problems
  throw new Error(`expected problems, got ${JSON.stringify(result.spec)}`)
}

/** What every problem must have, whatever the text was. */
export function brokenPromises(problem: SpecProblem): string[] {
  const broken: string[] = []
  for (const key of ['path', 'value', 'message', 'hint', 'file'] as const) {
    if (problem[key].trim() === '') broken.push(`no ${key}`)
  }
  for (const key of ['line', 'column', 'endLine', 'endColumn'] as const) {
    if (!Number.isSafeInteger(problem[key]) || problem[key] < 1) broken.push(`${key} is ${problem[key]}`)
  }
  const isBackwards = problem.endLine < problem.line
  if (isBackwards || (problem.endLine === problem.line && problem.endColumn < problem.column))
    broken.push('ends before it starts')
  if (problem.value.length > 70 || /[\r\n]/.test(problem.value)) broken.push('the value is not short')
  if (/[\r\n]/.test(problem.excerpt)) broken.push('the excerpt is not one line')
  return broken
}
