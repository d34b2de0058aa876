import { expect, it } from 'vitest'
import { formatProblem, formatProblems } from '../src/format-problem.ts'
import { problemsOf } from './parse.ts'

it('problems are shown as a compiler shows them: place, line, caret, hint, totals', () => {
  const yaml =
    'name: hello\nrun: x\nenvs:\n  DEBUG: yes\nservice:\n  readiness_probe: health\n  replcias: 2 # more\n'
  expect(formatProblems(problemsOf(yaml, { file: 'a.yaml' }))).toBe(
    [
      'a.yaml:4:10: warning: `envs.DEBUG` is passed exactly as written; SkyPilot reads this unquoted value differently',
      '  4 |   DEBUG: yes',
      '    |          ^^^',
      '  hint: Put the value in quotes: then both read it the same.',
      'a.yaml:6:20: error: `service.readiness_probe` must be an HTTP path that starts with /, without spaces, # or characters outside ASCII',
      '  6 |   readiness_probe: health',
      '    |                    ^^^^^^',
      '  hint: Write it as /health.',
      'a.yaml:7:3: error: `replcias` is not a key that is known under `service`',
      '  7 |   replcias …',
      '    |   ^^^^^^^^',
      '  hint: Did you mean `replicas`? Allowed here: readiness_probe, replicas, replica_policy, load_balancing_policy, ports, load_balancer, tls, schedule, update.',
      '2 errors, 1 warning',
    ].join('\n'),
  )
})

it('the caret stands under the value after tabs and at the end of the line, and never beyond it', () => {
  const [problem] = problemsOf(`name: "${'x'.repeat(400)}"\nrun: x\nservice: {readiness_probe: /}\n`)
  if (problem === undefined) throw new Error('no problem')
  const [, line = '', caret = ''] = formatProblem(problem).split('\n')
  expect(line.length).toBeLessThanOrEqual(170)
  expect(caret.length).toBeLessThanOrEqual(line.length)
  expect(formatProblem({ ...problem, excerpt: '' }).split('\n')).toHaveLength(2)
})
