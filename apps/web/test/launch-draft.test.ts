import { expect, it } from 'vitest'
import { keptText } from '#src/features/launch/draft.ts'
import {
  askedVariables,
  editableYaml,
  openVariables,
  stillNamed,
  valuesOf,
} from '#src/features/launch/open-values.ts'
import { parseServiceYaml } from '@skykeep/spec/parse-service-yaml'

const value = 'sk-4711'

const rows: readonly (readonly [string, string | null])[] = [
  ['name: a\nrun: b\n', 'name: a\nrun: b\n'],
  [`secrets:\n  TOKEN: ${value}\nrun: x`, 'secrets:\n  TOKEN:\nrun: x'],
  [`run: x\nsecrets: # ${value}\n  # ${value}\n  A: "${value}"`, 'run: x\nsecrets:\n\n  A:'],
  ['secrets:\n  - TOKEN\nrun: x', 'secrets:\n  - TOKEN\nrun: x'],
  [`envs:\n  API_KEY: ${value}\n  MODEL: small`, 'envs:\n  API_KEY:\n  MODEL: small'],
  [`secrets: {A: ${value}}`, null],
  [`secrets:\n  A: |\n    ${value}`, null],
  [`secrets:\n  A: >-\n    ${value}`, null],
  [`secrets:\n  A: &x ${value}`, null],
  [`secrets:\n  ${value}`, null],
  [`"secrets":\n  A: ${value}`, null],
  [`{secrets: {A: ${value}}}`, null],
  [`envs:\n  HF_TOKEN: |\n    ${value}`, null],
]

it.each(rows)('of %j the draft keeps %j', (text, kept) => {
  expect(keptText(text)).toBe(kept)
  expect(keptText(text) ?? '').not.toContain(value)
})

it('asks for what the YAML leaves open, as the parser sees it, and sends what was filled in', () => {
  const yaml = 'name: a\nrun: b\nsecrets: [TOKEN]\nenvs:\n  MODEL:\nservice: {readiness_probe: /}\n'
  const parsed = parseServiceYaml(yaml)
  const problems = parsed.ok ? [] : parsed.problems
  expect(openVariables(yaml, problems)).toEqual([
    { kind: 'secrets', name: 'TOKEN' },
    { kind: 'envs', name: 'MODEL' },
  ])
  const given = [
    { kind: 'secrets', name: 'TOKEN', value },
    { kind: 'envs', name: 'GONE', value: 'x' },
  ] as const
  expect(askedVariables(yaml, problems, given).map(({ name }) => name)).toEqual(['TOKEN', 'MODEL'])
  expect(valuesOf(stillNamed(yaml, given))).toEqual({ envs: {}, secrets: { TOKEN: value } })
})

it('a stored YAML asks for its secrets again', () => {
  const parsed = parseServiceYaml(
    `name: a\nrun: b\nsecrets:\n  TOKEN: ${value}\nservice: {readiness_probe: /}\n`,
  )
  const stored = parsed.ok ? parsed.redactedYaml : ''
  expect(editableYaml(stored)).toContain('\n  TOKEN:\n')
  expect(parseServiceYaml(editableYaml(stored)).ok).toBe(false)
})
