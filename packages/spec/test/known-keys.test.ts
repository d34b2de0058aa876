import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { eventTypes } from '@skykeep/core/events'
import type { KeyTable } from '../src/keys/key-table.ts'
import { describeKeyTables, keyTables } from '../src/known-keys.ts'
import { suggest, unknownWord } from '../src/suggest.ts'
import { brokenPromises, problemsOf } from './parse.ts'

const laterKeys = Object.entries(keyTables).flatMap(([table, keys]: [string, KeyTable]) =>
  Object.entries(keys).flatMap(([key, known]) => (known.status === 'later' ? [{ table, key, known }] : [])),
)

/** A service whose map at `table` has one more line. */
function withLine(table: string, line: string): string {
  const top = table === '' ? `${line}\n` : ''
  const inner = (name: string, text: string): string =>
    table === name ? `${text.replace(/[^ ].*/s, '')}${line}\n` : ''
  return [
    `name: hello\nrun: node server.js\n${top}`,
    `resources:\n  infra: local\n${inner('resources', '  ')}`,
    `service:\n  readiness_probe:\n    path: /\n${inner('service.readiness_probe', '    ')}`,
    `  replica_policy:\n    min_replicas: 1\n${inner('service.replica_policy', '    ')}`,
    `  load_balancer:\n    stream_timeout_seconds: 60\n${inner('service.load_balancer', '    ')}`,
    table === 'service.load_balancer.hash' ? `    hash:\n      by: path\n${inner(table, '      ')}` : '',
    `  tls:\n    keyfile: k\n    certfile: c\n${inner('service.tls', '    ')}`,
    `  schedule:\n    time_zone: UTC\n    off_hours: [daily 20:00-07:00]\n    replicas: 1\n${inner('service.schedule', '    ')}`,
    `  update:\n    canary:\n      bake_seconds: 1\n${inner('service.update.canary', '      ')}${inner('service.update', '    ')}`,
    inner('service', '  '),
  ].join('')
}

describe('a known key that is not supported yet is refused by name with what will support it', () => {
  it.each(laterKeys)('$table $key', ({ table, key, known }) => {
    const problems = problemsOf(withLine(table, `${key}: 1`))
    expect(problems.flatMap(brokenPromises)).toEqual([])
    expect(problems).toHaveLength(1)
    const path = table === '' ? key : `${table}.${key}`
    expect(problems[0]?.path).toBe(path)
    expect(problems[0]?.message).toContain(`\`${path}\``)
    expect(problems[0]?.message).toContain(known.with.replace('nothing: ', ''))
    expect(problems[0]?.line).toBe(
      withLine(table, `${key}: 1`)
        .split('\n')
        .findIndex((l) => l.trim() === `${key}: 1`) + 1,
    )
  })
})

describe('an unknown key is refused with the nearest key and what is allowed', () => {
  const typos: readonly (readonly [table: string, typo: string, meant: string])[] = [
    ['', 'work_dir', 'workdir'],
    ['', 'env', 'envs'],
    ['', 'resource', 'resources'],
    ['', 'servce', 'service'],
    ['', 'Run', 'run'],
    ['resources', 'cpu', 'cpus'],
    ['resources', 'mem', 'memory'],
    ['resources', 'prots', 'ports'],
    ['resources', 'accelerator', 'accelerators'],
    ['resources', 'use-spot', 'use_spot'],
    ['service', 'replica', 'replicas'],
    ['service', 'load-balancing-policy', 'load_balancing_policy'],
    ['service.readiness_probe', 'timeout_second', 'timeout_seconds'],
    ['service.readiness_probe', 'initial_delay', 'initial_delay_seconds'],
    ['service.replica_policy', 'max_replica', 'max_replicas'],
    ['service.replica_policy', 'target_qps', 'target_qps_per_replica'],
    ['service.replica_policy', 'num_overprovisioned', 'num_overprovision'],
    ['service.load_balancer', 'stream_timeout', 'stream_timeout_seconds'],
    ['service.load_balancer', 'max_concurrency', 'max_concurrency_per_replica'],
    ['service.tls', 'key_file', 'keyfile'],
    ['service.schedule', 'timezone', 'time_zone'],
    ['service.update', 'progress_deadline', 'progress_deadline_seconds'],
    ['service.update.canary', 'step', 'steps'],
  ]
  it.each(typos)('%s %s means %s', (table, typo, meant) => {
    const problems = problemsOf(withLine(table, `${typo}: 1`))
    expect(problems).toHaveLength(1)
    expect(problems[0]?.hint).toContain(`Did you mean \`${meant}\``)
    expect(problems[0]?.hint).toContain('Allowed here: ')
  })

  it('a key of a window is named with the window that it stands in', () => {
    const window = '{days: daily, from: "20:00", until: "07:00"}'
    const yaml = withLine('service', '').replace('[daily 20:00-07:00]', `[daily 20:00-07:00, ${window}]`)
    const problem = problemsOf(yaml).find(({ path }) => path.endsWith('until'))
    expect(problem?.path).toBe('service.schedule.off_hours[1].until')
    expect(problem?.message).toBe('`until` is not a key that is known under `service.schedule.off_hours[1]`')
    expect(problem?.hint).toContain('Allowed here: days, from, to.')
  })

  it('a key of another section is sent there', () => {
    expect(problemsOf(withLine('', 'replicas: 2'))[0]?.hint).toContain('belongs under `service`')
    expect(problemsOf(withLine('resources', 'setup: x'))[0]?.hint).toContain('belongs to the top of the file')
    expect(problemsOf(withLine('service', 'cpus: 2'))[0]?.hint).toContain('belongs under `resources`')
  })

  it.each(['zzzzzzzz', '__proto__', 'constructor', 'toString', 'x'.repeat(1000), 'ключ'])(
    '%s has no neighbour',
    (key) => {
      const problems = problemsOf(withLine('', `"${key}": 1`))
      expect(problems.flatMap(brokenPromises)).toEqual([])
      expect(problems).toHaveLength(1)
      expect(problems[0]?.hint).toMatch(/^Allowed here: /)
    },
  )
})

it('suggest finds one edit, a swap and another separator, and leaves strangers alone', () => {
  expect(suggest('replcias', ['replicas', 'run'])).toBe('replicas')
  expect(suggest('stream-timeout-seconds', ['stream_timeout_seconds'])).toBe('stream_timeout_seconds')
  expect(suggest('banana', ['replicas', 'run'])).toBeUndefined()
  expect(suggest('', ['run'])).toBeUndefined()
})

it.each([
  ['scaled', 'there is no type "scaled"; did you mean service.scaled?'],
  ['drill', 'there is no type "drill"; did you mean drill.started or drill.progress or drill.finished?'],
  ['service.desird', 'there is no type "service.desird"; did you mean service.desired?'],
  ['state.backed_up', 'there is no type "state.backed_up"; did you mean state.backed-up?'],
  ['banana', `there is no type "banana"; those that are: ${eventTypes.join(', ')}`],
  ['', `there is no type ""; those that are: ${eventTypes.join(', ')}`],
])('of %j says that there is none, and what is near', (word, said) => {
  expect(unknownWord('type', word, eventTypes)).toBe(said)
})

it('README.md holds the table of keys as known-keys.ts says it', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  // A formatter may align the columns.
  const plain = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---')
  expect(plain(readme)).toContain(plain(describeKeyTables()))
})
