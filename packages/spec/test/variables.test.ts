import { assert, constantFrom, property, stringMatching } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatProblems } from '../src/format-problem.ts'
import { parseServiceYaml } from '../src/parse-service-yaml.ts'
import { brokenPromises, parsed, problemsOf, serviceYaml } from './parse.ts'

const envs = (text: string): string => serviceYaml({ top: `envs:\n  ${text}` })

describe('an env is passed exactly as written', () => {
  const values: readonly (readonly [written: string, passed: string, warns: boolean])[] = [
    ['hello', 'hello', false],
    ['"yes"', 'yes', false],
    ['1', '1', false],
    ['-5', '-5', false],
    ['1.5', '1.5', false],
    ['2.0', '2.0', false],
    ['""', '', false],
    ['2024-01-01', '2024-01-01', false],
    ['a: b', 'a: b', false],
    ['yes', 'yes', true],
    ['true', 'true', true],
    ['Off', 'Off', true],
    ['010', '010', true],
    ['0x1F', '0x1F', true],
    ['1_000', '1_000', true],
    ['12:30', '12:30', true],
    ['1.10', '1.10', true],
    ['.inf', '.inf', true],
    ['"1.10"', '1.10', false],
  ]
  it.each(values)('%s', (written, passed, warns) => {
    const result = parsed(envs(written === 'a: b' ? `A: "${written}"` : `A: ${written}`))
    expect(result.spec.task.envs).toEqual({ A: passed })
    expect(result.warnings.map(({ path }) => path)).toEqual(warns ? ['envs.A'] : [])
  })
})

it('an env without a value must be given, and a given one wins and may add', () => {
  expect(problemsOf(envs('A:'))[0]).toMatchObject({
    path: 'envs.A',
    line: 4,
    hint: expect.stringContaining('--env A='),
  })
  expect(problemsOf(envs('A: null'))[0]?.path).toBe('envs.A')
  expect(parsed(envs('A:'), { envs: { A: '1' } }).spec.task.envs).toEqual({ A: '1' })
  expect(parsed(envs('A: 0'), { envs: { A: '1', B: '2' } }).spec.task.envs).toEqual({ A: '1', B: '2' })
})

describe('an env that cannot be set is refused', () => {
  it.each([
    ['1A: x', 'envs'],
    ['A-B: x', 'envs'],
    ['"A=B": x', 'envs'],
    ['__proto__: x', 'envs.__proto__'],
    ['SKYPILOT_NODE_RANK: 1', 'envs.SKYPILOT_NODE_RANK'],
    ['SKYKEEP_X: 1', 'envs.SKYKEEP_X'],
    ['PORT: 1', 'envs.PORT'],
    ['A: [x]', 'envs.A'],
    ['A: {b: c}', 'envs.A'],
  ])('%s', (line, path) => {
    const problems = problemsOf(envs(line))
    expect(problems.flatMap(brokenPromises)).toEqual([])
    expect(problems.map((problem) => problem.path)).toEqual([path])
  })

  it('from the command line too', () => {
    expect(problemsOf(serviceYaml(), { envs: { 'A B': 'x' } })[0]).toMatchObject({
      path: '--env',
      line: 1,
      column: 1,
    })
    expect(problemsOf(serviceYaml(), { envs: { PORT: '1' } })[0]).toMatchObject({ path: 'envs.PORT' })
  })

  it('PORT may name the fixed port', () => {
    expect(
      parsed(serviceYaml({ top: 'envs: {PORT: 8080}\nresources: {ports: 8080}' })).spec.task.envs,
    ).toEqual({ PORT: '8080' })
  })
})

it('workdir, probe, headers and body are filled from the envs; other names stay', () => {
  const { spec, workdir } = parsed(
    serviceYaml({
      top: 'workdir: apps/${MODEL}/$OTHER\nenvs: {MODEL: llama}',
      service:
        'readiness_probe: {path: "/v1/$MODEL", headers: {X-M: "$MODEL!"}, post_data: {m: "${MODEL}", "$MODEL": 1}}',
    }),
  )
  expect(workdir).toBe('apps/llama/$OTHER')
  const { path, headers, postBody } = spec.service.readinessProbe
  expect([path, headers, postBody]).toEqual(['/v1/llama', { 'X-M': 'llama!' }, '{"m":"llama","llama":1}'])
  expect(spec.task.run).toBe('node server.js')
})

describe('secrets', () => {
  const secrets = (text: string): string => serviceYaml({ top: `secrets:\n  ${text}` })

  it('are named in the spec, and their values stand apart', () => {
    const result = parsed(secrets('TOKEN: hunter2hunter2'), { secrets: { MORE: 'also-secret-1' } })
    expect(result.spec.task.secretNames).toEqual(['TOKEN', 'MORE'])
    expect(result.secrets).toEqual({ TOKEN: 'hunter2hunter2', MORE: 'also-secret-1' })
    expect(result.redactedYaml).toBe(secrets('TOKEN: "<secret>"'))
    expect(JSON.stringify(result.spec)).not.toContain('hunter2')
  })

  it('in a list, or without a value, must be given', () => {
    expect(problemsOf(secrets('- TOKEN'))[0]?.hint).toContain('--secret TOKEN=')
    expect(problemsOf(secrets('TOKEN:'))[0]?.hint).toContain('--secret TOKEN=')
    expect(parsed(secrets('- TOKEN'), { secrets: { TOKEN: 'x' } }).secrets).toEqual({ TOKEN: 'x' })
  })

  it('cannot be an env too, nor stand where the text is stored in clear', () => {
    expect(problemsOf(serviceYaml({ top: 'envs: {A: x}\nsecrets: {A: y}' }))[0]?.path).toBe('secrets.A')
    const header = serviceYaml({
      top: 'secrets: {TOKEN: hunter2hunter2}',
      service: 'readiness_probe: {path: /, headers: {Authorization: Bearer $TOKEN}}',
    })
    expect(problemsOf(header)[0]?.message).toContain('stored unencrypted')
    expect(JSON.stringify(problemsOf(header))).not.toContain('hunter2')
  })

  const shapes: readonly (readonly [name: string, yaml: string])[] = [
    ['plain', 'TOKEN: hunter2-hunter2'],
    ['quoted with escapes', 'TOKEN: "hunter2-\\u0068unter2"'],
    ['a block', 'TOKEN: |\n    hunter2-hunter2\n    hunter2-second-line\n  OTHER: x'],
    ['a folded block with a comment', 'TOKEN: >-  # hunter2-hunter2\n    hunter2-hunter2'],
    ['with a comment that repeats it', 'TOKEN: hunter2-hunter2 # not hunter2-hunter2'],
    ['anchored and used again', 'TOKEN: &t hunter2-hunter2\n  OTHER: *t'],
    ['a list in its place', 'TOKEN: [hunter2-hunter2]'],
    ['a map in its place', 'TOKEN: {a: hunter2-hunter2}'],
    ['a broken quote', 'TOKEN: "hunter2-hunter2'],
    ['a line that goes on', 'TOKEN: x\n hunter2-hunter2: y'],
    ['a tab', 'TOKEN:\thunter2-hunter2\n\tX: hunter2-hunter2'],
    ['no colon after the key of the section', 'TOKEN: x\nsecrets\n  OTHER: hunter2-hunter2'],
    ['a colon too many', 'TOKEN: hunter2-hunter2: hunter2'],
  ]
  it.each(shapes)('do not appear in a problem or in the redacted text: %s', (_, text) => {
    for (const rest of ['', '\nresources: {cpus: hunter2-hunter2}', '\nnonsense: hunter2-hunter2']) {
      const result = parseServiceYaml(secrets(text) + rest.slice(1))
      const shown = result.ok
        ? result.redactedYaml + JSON.stringify(result.warnings)
        : formatProblems(result.problems) + JSON.stringify(result.problems)
      expect(shown).not.toMatch(/hunter2/)
    }
  })

  it('under a mistyped or misplaced key do not appear either', () => {
    for (const top of [
      'secret: {T: hunter2}',
      'secrts:\n  T: hunter2',
      'secrets: hunter2',
      'my_tokens: {T: hunter2}',
      'resources: {secrets: {T: hunter2}}',
    ]) {
      expect(
        formatProblems(problemsOf(serviceYaml({ top }))) + JSON.stringify(problemsOf(serviceYaml({ top }))),
      ).not.toContain('hunter2')
    }
  })

  it('of any text do not appear, wherever the YAML repeats them', () => {
    const secret = stringMatching(/^[A-Za-z0-9+/=_.-]{12,40}$/)
    assert(
      property(secret, constantFrom('plain', 'env', 'key', 'number'), (value, place) => {
        const extra = {
          plain: '',
          env: `envs: {A: '${value}'}\n`,
          key: `'${value}': 1\n`,
          number: `num_nodes: '${value}'\n`,
        }[place]
        const yaml = `${extra}${serviceYaml({ top: `secrets: {TOKEN: '${value}'}`, service: `readiness_probe: '${value}'\nreplicas: '${value}'` })}`
        for (const text of [
          yaml,
          serviceYaml({ top: `setup: echo '${value}'\nsecrets: {TOKEN: '${value}'}` }),
        ]) {
          const result = parseServiceYaml(text)
          const shown = result.ok
            ? result.redactedYaml
            : formatProblems(result.problems) + JSON.stringify(result.problems)
          expect(shown).not.toContain(value)
        }
      }),
      { numRuns: 300, seed: 20_260_101 },
    )
  })
})
