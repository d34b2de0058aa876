import { describe, expect, it } from 'vitest'
import { brokenPromises, parsed, problemsOf, serviceYaml } from './parse.ts'

describe('a text that cannot be a service is refused with a place and a way out', () => {
  const traps: readonly (readonly [name: string, yaml: string, path: string, says: RegExp])[] = [
    ['nothing', '', '(document)', /empty/],
    ['blank lines', '\n\n \n', '(document)', /empty/],
    ['a comment only', '# hello\n', '(document)', /empty/],
    ['an empty document', '---\n', '(document)', /empty/],
    ['null', 'null', '(document)', /empty/],
    ['text', 'hello', '(document)', /must be a map/],
    ['a list', '- a\n- b', '(document)', /must be a map/],
    ['a number', '12', '(document)', /must be a map/],
    ['two documents', `${serviceYaml()}---\n${serviceYaml()}`, '(document)', /managed jobs/],
    ['a pipeline with a header', `name: p\n---\n${serviceYaml()}`, '(document)', /managed jobs/],
    ['a tab as indentation', 'name: a\nrun: x\nservice:\n\treadiness_probe: /\n', '(document)', /tab/],
    ['an open quote', 'name: "a\nrun: x\n', '(document)', /quote/],
    ['an open bracket', 'name: a\nresources: {ports: [1, 2\n', '(document)', /not valid|missing|bracket/],
    ['a NUL', `name: a${'\0'}b\n`, '(document)', /control character/],
    ['an escape character', `name: a${'\u001b'}[31m\n`, '(document)', /control character/],
    ['more than 128 KiB', `# ${'x'.repeat(128 * 1024)}\n`, '(document)', /128 KiB/],
    ['128 KiB in characters of three bytes', `# ${'€'.repeat(50_000)}\n`, '(document)', /128 KiB/],
    ['a carriage return alone', 'name: a\rrun: b\n', '(document)', /carriage return/],
    ['a NUL as an escape', serviceYaml({ top: 'envs: {A: "\\0"}' }), 'envs.A', /NUL/],
    ['half a character', serviceYaml({ top: 'setup: "\\ud800"' }), 'setup', /surrogate/],
    ['a directive', `%YAML 3.7\n---\n${serviceYaml()}`, '(document)', /directive/],
    ['an unknown tag', serviceYaml({ top: 'setup: !!python/object x' }), '(document)', /tag/],
    ['a binary tag', serviceYaml({ top: 'setup: !!binary aGVsbG8=' }), '(document)', /tag/],
    ['brackets nested by the thousand', `run: ${'['.repeat(5000)}`, '(document)', /nest/],
    ['lists nested by the thousand', `run: ${'- '.repeat(5000)}`, '(document)', /./],
    ['a number as a key', serviceYaml({ top: '12: x' }), '(document)', /key must be text/],
    ['null as a key', serviceYaml({ top: '? ~\n: x' }), '(document)', /key must be text/],
    ['a list as a key', serviceYaml({ top: '? [a]\n: x' }), '(document)', /key must be text/],
    ['an empty key', serviceYaml({ top: '"": x' }), '(document)', /key must be text/],
    ['a key written twice', serviceYaml({ top: 'run: y' }), 'run', /twice/],
    [
      'a nested key written twice',
      serviceYaml({ service: 'replicas: 1\nreadiness_probe: /\nreplicas: 2' }),
      'service.replicas',
      /twice/,
    ],
    ['an alias without an anchor', serviceYaml({ top: 'setup: *nobody' }), 'setup', /no anchor/],
    ['an anchor written later', serviceYaml({ top: 'setup: *late\nworkdir: &late x' }), 'setup', /no anchor/],
    ['a merge of text', serviceYaml({ top: 'envs:\n  <<: x' }), 'envs', /merge key/],
    [
      'yes for a number',
      serviceYaml({ service: 'readiness_probe: /\nreplicas: yes' }),
      'service.replicas',
      /whole number/,
    ],
    [
      'infinity',
      serviceYaml({ service: 'readiness_probe: /\nreplicas: .inf' }),
      'service.replicas',
      /whole number/,
    ],
    [
      'hexadecimal',
      serviceYaml({ service: 'readiness_probe: /\nreplicas: 0x2' }),
      'service.replicas',
      /whole number/,
    ],
    [
      'octal',
      serviceYaml({ service: 'readiness_probe: /\nreplicas: 0o2' }),
      'service.replicas',
      /whole number/,
    ],
    [
      'a date',
      serviceYaml({ service: 'readiness_probe: /\nreplicas: 2024-01-01' }),
      'service.replicas',
      /whole number/,
    ],
    [
      'a number beyond doubles',
      serviceYaml({ service: `readiness_probe: /\nreplicas: ${'9'.repeat(400)}` }),
      'service.replicas',
      /whole number/,
    ],
  ]
  it.each(traps)('%s', (_, yaml, path, says) => {
    const problems = problemsOf(yaml)
    expect(problems.flatMap(brokenPromises)).toEqual([])
    expect(problems.find((problem) => problem.path === path)?.message).toMatch(says)
  })
})

it('an alias bomb ends within its budget', () => {
  const levels = 'abcdefghi'.split('')
  const bomb = levels.map(
    (name, i) =>
      `${name}: &${name} [${
        i === 0
          ? 'x'
          : Array(9)
              .fill(`*${levels[i - 1]}`)
              .join(', ')
      }]`,
  )
  const startedAt = performance.now()
  const problems = problemsOf(serviceYaml({ top: bomb.join('\n') }))
  expect(performance.now() - startedAt).toBeLessThan(5000)
  expect(problems.some(({ message }) => message.includes('nested deeper than 64 levels'))).toBe(true)
  expect(problems.flatMap(brokenPromises)).toEqual([])
})

it('an anchor that holds itself ends', () => {
  expect(problemsOf(serviceYaml({ top: 'setup: &a [*a]' })).flatMap(brokenPromises)).toEqual([])
  expect(problemsOf(serviceYaml({ top: 'envs: &a\n  <<: *a\n  B: *a' })).flatMap(brokenPromises)).toEqual([])
})

it('anchors, aliases and merge keys are read; own keys win over merged ones', () => {
  const { spec } = parsed(
    'name: a\nrun: &cmd node server.js\nsetup: *cmd\nenvs: &e {A: "1", B: "2"}\nservice: {readiness_probe: &p {path: /h, timeout_seconds: 3}}\n',
  )
  expect(spec.task.setup).toBe('node server.js')
  const merged = parsed(
    'name: a\nrun: x\nservice:\n  readiness_probe:\n    <<: {path: /m, timeout_seconds: 3}\n    path: /own\n',
  ).spec.service.readinessProbe
  expect([merged.path, merged.timeoutSeconds]).toEqual(['/own', 3])
  const list = parsed(
    'name: a\nrun: x\nservice:\n  readiness_probe:\n    <<: [{path: /first}, {path: /second}]\n',
  ).spec.service.readinessProbe
  expect(list.path).toBe('/first')
})

it('CRLF, a byte order mark, and --- with a comment change nothing', () => {
  const plain = parsed(serviceYaml({ top: 'setup: |\n  a\n  b' })).spec
  const windows = `\uFEFF${serviceYaml({ top: 'setup: |\n  a\n  b' }).replaceAll('\n', '\r\n')}`
  expect(parsed(windows).spec).toEqual(plain)
  expect(parsed(`# c\n---\n${serviceYaml({ top: 'setup: |\n  a\n  b' })}...\n`).spec).toEqual(plain)
})

it('places are right after CRLF, a byte order mark and wide characters', () => {
  const [problem] = problemsOf('\uFEFFname: bäd 😀 name\r\nrun: x\r\nservice: {readiness_probe: /}\r\n')
  expect(problem).toMatchObject({ line: 1, column: 7, endLine: 1, endColumn: 18, value: 'bäd 😀 name' })
  const [second] = problemsOf('name: a\r\nrun: x\r\nservice:\r\n  readiness_probe: /\r\n  replicas: x\r\n')
  expect(second).toMatchObject({ line: 5, column: 13, excerpt: '  replicas: x' })
})

it('a file full of mistakes names at most 100 of them, and a flood of warnings hides no error', () => {
  const keys = Array.from({ length: 500 }, (_, i) => `k${i}: 1`).join('\n')
  expect(problemsOf(serviceYaml({ top: keys }))).toHaveLength(100)
  const envs = Array.from({ length: 500 }, (_, i) => `  K${i}: yes`).join('\n')
  const problems = problemsOf(
    serviceYaml({ top: `envs:\n${envs}`, service: 'readiness_probe: /\nreplicas: x' }),
  )
  expect(problems.filter(({ severity }) => severity === 'error').map(({ path }) => path)).toEqual([
    'service.replicas',
  ])
})
