import type { ServiceSpec } from '@skykeep/core/service-spec'
import { expect, it } from 'vitest'
import { brokenPromises, parsed, problemsOf, serviceYaml } from './parse.ts'

export const resources = (text: string): string => serviceYaml({ top: `resources:\n  ${text}` })
export const service = (text: string): string => serviceYaml({ service: `readiness_probe: /health\n${text}` })
export const probe = (text: string): string =>
  serviceYaml({ service: `readiness_probe:\n  path: /health\n  ${text}` })

export type Accepted = readonly [
  name: string,
  yaml: string,
  read: (spec: ServiceSpec) => unknown,
  expected: unknown,
]

export function itReads(rows: readonly Accepted[]): void {
  it.each(rows)('%s', (_, yaml, read, expected) => {
    expect(read(parsed(yaml).spec)).toEqual(expected)
  })
}

export type Refused = readonly [yaml: string, path: string, says: RegExp, hint: RegExp]

/** Each text has one error, at the path, with the message and the way out. */
export function itRefuses(refused: readonly Refused[]): void {
  const rows = refused.map(([yaml, path, says, hint]) => [path, says, yaml, hint] as const)
  it.each(rows)('%s: %s', (path, says, yaml, hint) => {
    const problems = problemsOf(yaml)
    expect(problems.flatMap(brokenPromises)).toEqual([])
    const errors = problems.filter(({ severity }) => severity === 'error')
    expect(errors.map((problem) => problem.path)).toEqual([path])
    expect(errors[0]?.message).toMatch(says)
    expect(errors[0]?.hint).toMatch(hint)
  })
}
