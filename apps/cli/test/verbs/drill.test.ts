import { beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { unfriendly, CommandLine } from './command-line.ts'
import { answering, onePlane, untilStatus } from './running-plane.ts'

/** `drill --json`, as far as the tests read it. */
interface DrillJson {
  readonly uid: string
  readonly status: string
  readonly reason: string
  readonly result: {
    readonly rounds: readonly {
      readonly killedPids: readonly number[]
      readonly recoveredMs: number | null
    }[]
    readonly requests: number
    readonly failed: Readonly<Record<string, number>>
    readonly adopted: readonly string[]
    readonly orphans: readonly string[]
  }
}

const plane = onePlane()
const small = ['--rate', '20', '--seconds', '1'] as const

const yaml = (name: string, replicas: number): string =>
  plane.write(
    `${name}.yaml`,
    `name: ${name}\nrun: |\n  ${answering.replaceAll('\n', '\n  ')}\nservice:\n  readiness_probe:\n    path: /\n    initial_delay_seconds: 30\n    endpoint_probe_interval_seconds: 1\n  replicas: ${replicas}\n`,
  )
const readyPids = async (name: string): Promise<readonly (number | null)[]> =>
  (
    await untilStatus(plane, name, ({ replicas }) => replicas.some(({ status }) => status === 'READY'))
  ).replicas
    .filter(({ status }) => status === 'READY')
    .map(({ pid }) => pid)
const listed = async (
  name: string,
): Promise<readonly { uid: string; status: string; statusReason: string }[]> =>
  // The documented shape: a list of drills, newest first.
  (await plane.json('drill', name, '--list')) as { uid: string; status: string; statusReason: string }[]

beforeAll(async () => {
  for (const [name, replicas] of [
    ['pair', 2],
    ['single', 1],
  ] as const) {
    const { code, stderr } = await plane.run(['serve', 'up', yaml(name, replicas)])
    if (code !== 0) throw new Error(stderr)
  }
  await untilStatus(
    plane,
    'pair',
    ({ replicas }) => replicas.filter(({ status }) => status === 'READY').length === 2,
  )
})

describe('a drill', () => {
  it('of the worker: it is another process afterwards, the replicas are the same, nothing failed, and that is recorded', async () => {
    const before = await readyPids('pair')
    // The documented shape of `drill --json`.
    const drill = (await plane.json(
      'drill',
      'pair',
      '--kill',
      'worker',
      '--repeat',
      '2',
      ...small,
    )) as DrillJson
    expect(drill).toMatchObject({ status: 'SUCCEEDED', result: { failed: {}, orphans: [] } })
    expect(drill.result.adopted).toEqual(['pair-1', 'pair-2'])
    expect(new Set(drill.result.rounds.flatMap(({ killedPids }) => killedPids)).size).toBe(2)
    expect(drill.result.rounds.every(({ recoveredMs }) => recoveredMs !== null)).toBe(true)
    expect(drill.result.requests).toBeGreaterThan(20)
    expect(await readyPids('pair')).toEqual(before)
    expect((await listed('pair'))[0]).toMatchObject({
      uid: drill.uid,
      status: 'SUCCEEDED',
      statusReason: drill.reason,
    })
  })

  it('of a replica: the newest is replaced, no repeatable request fails, and a person reads it as a table', async () => {
    const before = await readyPids('pair')
    const { code, stdout, stderr } = await plane.run(['drill', 'pair', '--kill', 'replica', ...small])
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/kept {2}nothing was lost: \d+ requests through one death of the newest replica/),
    ])
    expect(stdout).toMatch(/\nunfinished {2}0\n/)
    expect(stderr).toContain('killed replica pair-2 (pid ')
    expect(`${stdout}${stderr}`).not.toMatch(unfriendly)
    const after = await readyPids('pair')
    expect(after.filter((pid) => before.includes(pid))).toEqual([before[0]])
    expect((await listed('pair'))[0]).toMatchObject({ status: 'SUCCEEDED' })
  })

  it('interrupted after the death of the supervisor: the load stops, a supervisor runs again, and both are said', async () => {
    const args = ['drill', 'pair', '--kill', 'supervisor', '--repeat', '9', ...small]
    const { code, stderr } = await plane.run(args, { interruptAfter: 'killed supervisor' })
    expect([code, stderr]).toEqual([
      130,
      expect.stringContaining('pair goes on; what was killed comes back by itself'),
    ])
    const system = (await plane.json('system', 'status')) as { processes: { name: string; state: string }[] }
    expect(system.processes).toContainEqual(expect.objectContaining({ name: 'supervisor', state: 'running' }))
    expect((await listed('pair'))[0]).toMatchObject({
      status: 'FAILED',
      statusReason: 'interrupted in round 1',
    })
  })

  it('that is killed itself is lost after a while, and nothing else is', async () => {
    const child = plane.start(['drill', 'pair', '--kill', 'web', ...small])
    const [drill] = await until('it is recorded', async () => {
      const drills = await listed('pair')
      return drills[0]?.status === 'RUNNING' && drills
    })
    child.kill('SIGKILL')
    const again = await plane.run(['drill', 'pair', '--kill', 'worker', ...small])
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringContaining('A drill of pair is running; one at a time.'),
    ])
    expect((await listed('pair'))[0]?.uid).toBe(drill?.uid)
    expect((await readyPids('pair')).length).toBe(2)
  })
})

describe('what a drill refuses, in words', () => {
  it.each([
    ['a service that is not there', ['nobody'], 4, 'There is no service named nobody.'],
    ['a part that there is not', ['pair', '--kill', 'disk'], 2, 'Choose one of worker, gateway, web'],
    ['a path that is none', ['pair', '--path', 'x y'], 2, 'begins with /'],
    ['a path that answers badly', ['pair', '--path', '/not-there'], 1, 'HTTP 404'],
    ['the death of the only replica', ['single', '--kill', 'replica'], 1, 'Only one replica is ready'],
  ])('%s', async (_what, args, exitCode, words) => {
    const { code, stderr } = await plane.run(['drill', ...args])
    expect([code, stderr]).toEqual([exitCode, expect.stringContaining(words)])
    expect(stderr).not.toMatch(unfriendly)
  })

  it('a machine without a control plane', async () => {
    const empty = new CommandLine()
    empty.write('config.yaml', 'web:\n  port: 1\n')
    const { code, stderr } = await empty.run(['drill', 'hello'])
    empty.remove()
    expect([code, stderr]).toEqual([3, expect.stringContaining('no control plane is running')])
  })
})
