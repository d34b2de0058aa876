import { readdirSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readEnv } from '../../src/env.ts'
import { buildProgram } from '../../src/program.ts'
import type { JsonAnswer, Verb } from '../../src/program/verb.ts'
import { answering, answeringWith, onePlane } from '../verbs/running-plane.ts'

/** Every shape that docs/reference/cli.md promises, held against what the verb prints on a plane with a service, two versions and a drill. */
const plane = onePlane()
const program = buildProgram(readEnv([]), () => undefined)

interface Case {
  readonly verb: string
  /** Of another shape: how the page names it. */
  readonly when?: string
  /** After the verb. */
  readonly args: () => readonly string[]
}

const file = (text: string): string => plane.serviceFile('hello', answeringWith(text))
const backup = (): string => {
  const folder = path.join(plane.root, 'backups')
  return path.join(folder, readdirSync(folder)[0] ?? '')
}
let uid = ''
const none = (): readonly string[] => []
const hello = (): readonly string[] => ['hello']

/** In this order: a later one finds what an earlier one made. */
const cases: readonly Case[] = [
  { verb: 'serve up', args: () => [file('one')] },
  { verb: 'serve update', when: 'with --diff-only', args: () => ['hello', file('two'), '--diff-only'] },
  { verb: 'serve update', args: () => ['hello', file('two'), '--yes'] },
  { verb: 'serve rollback', args: hello },
  { verb: 'serve rollout', args: hello },
  { verb: 'serve history', args: hello },
  { verb: 'serve history', when: 'with --diff', args: () => ['hello', '--diff', '1', '2'] },
  { verb: 'serve status', args: hello },
  { verb: 'serve status', when: 'without a service', args: none },
  { verb: 'serve logs', args: hello },
  {
    verb: 'serve logs',
    when: 'with several replicas, times or --tail-lines',
    args: () => ['hello', '--all', '--tail-lines', '5'],
  },
  {
    verb: 'serve logs',
    when: 'with --controller or --load-balancer',
    args: () => ['hello', '--controller'],
  },
  { verb: 'serve schedule', when: 'without an option that changes something', args: hello },
  { verb: 'serve schedule', args: () => ['hello', '--clear'] },
  { verb: 'drill', args: () => ['hello', '--kill', 'worker', '--seconds', '1', '--rate', '5'] },
  { verb: 'drill', when: 'with --list, newest first', args: () => ['hello', '--list'] },
  { verb: 'key create', args: () => ['hello', 'app'] },
  { verb: 'key list', args: hello },
  { verb: 'key revoke', args: () => ['hello', 'app'] },
  { verb: 'key revoke-tokens', args: () => ['hello', '--subject', 'ann'] },
  { verb: 'key revoked-tokens', args: hello },
  { verb: 'serve pause', args: hello },
  { verb: 'serve resume', args: hello },
  { verb: 'status', args: none },
  { verb: 'system status', args: none },
  { verb: 'ops', args: none },
  { verb: 'ops', when: 'with an operation', args: () => [uid] },
  { verb: 'ops log', args: () => [uid] },
  { verb: 'events', args: none },
  { verb: 'events', when: 'with --at', args: () => ['--at', '1s'] },
  { verb: 'events', when: 'with --cause', args: () => ['--cause', '5'] },
  { verb: 'login', args: none },
  { verb: 'token create', args: () => ['ci', '--expires', '30d'] },
  { verb: 'token list', args: none },
  { verb: 'token revoke', args: () => ['ci'] },
  { verb: 'state where', args: none },
  { verb: 'state doctor', args: none },
  { verb: 'state backup', args: none },
  { verb: 'state backups', args: none },
  { verb: 'state verify', args: () => [backup()] },
  { verb: 'state restore', args: () => [backup(), '--to', path.join(plane.folder, 'restored')] },
  // Refused for a minute after a rotation.
  { verb: 'state rotate-key', when: 'with --drop-old', args: () => ['--drop-old'] },
  { verb: 'state rotate-key', args: none },
  { verb: 'serve down', args: hello },
  { verb: 'stop', args: none },
]

/** Shapes that a plain local plane does not come to, each with where they are held. */
const elsewhere: Readonly<Record<string, string>> = {
  'ops retry': 'a row that killed its worker three times: apps/cli/test/verbs',
  'ops cancel': 'a request that is still under way: apps/cli/test/verbs',
  'state move': 'apps/cli/test/state/move-under-load.test.ts',
}

function verbOf(name: string): Verb {
  const verb = program.leaves.find((each) => each.path === name)
  if (verb === undefined) throw new Error(`no verb ${name}`)
  return verb
}

function promised({ verb: name, when }: Case): Pick<JsonAnswer, 'kind' | 'fields'> {
  const verb = verbOf(name)
  const answer = when === undefined ? verb.answer : verb.otherAnswers.find((other) => other.when === when)
  if (answer === undefined) throw new Error(`${name} promises nothing ${when ?? ''}`)
  return answer
}

describe('what --json prints is what its page says', () => {
  beforeAll(async () => {
    await plane.run(['serve', 'up', plane.serviceFile('other', answering), '--async'])
    const operations = (await plane.json('ops')) as readonly { readonly uid: string }[]
    uid = operations[0]?.uid ?? ''
  })

  it('every shape is held here, or elsewhere', () => {
    const shapes = program.leaves.flatMap((verb) =>
      verb.answer === undefined
        ? []
        : [verb.path].concat(verb.otherAnswers.map(({ when }) => `${verb.path} ${when}`)),
    )
    const held = cases.map(({ verb, when }) => (when === undefined ? verb : `${verb} ${when}`))
    expect([...held, ...Object.keys(elsewhere)].toSorted()).toEqual(shapes.toSorted())
  })

  it.each(cases.map((each) => [`${each.verb} ${each.when ?? ''}`.trim(), each] as const))(
    '%s',
    async (_name, each) => {
      const { kind, fields } = promised(each)
      const { code, stdout, stderr } = await plane.run([...each.verb.split(' '), ...each.args(), '--json'])
      // A drill that lost something and a doctor who found something say so in the same shape.
      expect([0, 1], stderr).toContain(code)
      const printed: unknown = JSON.parse(stdout)
      expect(Array.isArray(printed)).toBe(kind === 'list')
      const values = Array.isArray(printed) ? (printed as readonly object[]) : [printed as object]
      // A list that is empty would prove nothing.
      expect(values.length).toBeGreaterThan(0)
      for (const value of values) expect(Object.keys(value)).toEqual(expect.arrayContaining([...fields]))
    },
  )
})
