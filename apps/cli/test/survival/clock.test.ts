import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { FalseClock, falseClockLibrary } from './false-clock.ts'
import { build, loadedService, readyPids, summary, type LoadedService } from './loaded-service.ts'

const hour = 3600
const example = path.resolve(import.meta.dirname, '../../../../examples/hello/service.yaml')
const reason = falseClockLibrary === undefined ? ' (needs libfaketime: package faketime)' : ''

describe.skipIf(falseClockLibrary === undefined)(`invariant 5: the clock is set under load${reason}`, () => {
  let clock: FalseClock
  let service: LoadedService
  beforeAll(async () => {
    if (falseClockLibrary === undefined) return
    clock = new FalseClock(build, falseClockLibrary)
    service = await loadedService({ build: clock.build })
  })
  afterAll(async () => {
    await service.end()
    clock.end()
  })

  /** Long enough for every lease, probe, heartbeat and periodic look to come by. */
  const live = async (): Promise<void> => {
    const before = service.load.requests
    await until('30 s of requests', () => service.load.requests > before + 30 * 250, 90_000)
  }

  const eventsAfter = async (seq: number): Promise<readonly { seq: number; type: string; to: string }[]> => {
    const { stdout } = await service.plane.cli('events', '--json', '--limit', '200')
    // The command's documented shape.
    const events = JSON.parse(stdout) as { seq: number; type: string; to: string }[]
    return events.filter((event) => event.seq > seq)
  }

  const signIn = async (): Promise<number> => {
    const { stdout } = await service.plane.cli('login')
    const [origin = '', code = ''] = stdout.trim().split('/sign-in#')
    const reply = await fetch(`${origin}/api/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({ code }),
    })
    return reply.status
  }

  it('rules web, worker, gateways and supervisor', async () => {
    const { processes } = await service.plane.untilActive()
    expect(processes.map(({ name, pid }) => `${name} ${clock.rules(pid)}`).toSorted()).toEqual(
      ['gateway-0', 'gateway-1', 'supervisor', 'web', 'worker'].map((name) => `${name} true`),
    )
  })

  for (const [what, offset] of [
    ['back one hour', -hour],
    ['then forward two', hour],
  ] as const) {
    it(`${what}: nothing fails, nothing is replaced or torn down, and signing in works`, async () => {
      const before = await service.plane.untilActive()
      const lastSeq = Math.max(0, ...(await eventsAfter(0)).map(({ seq }) => seq))
      clock.set(offset)
      expect(Math.abs(clock.now() - Date.now() - offset * 1000)).toBeLessThan(10_000)
      await live()
      expect(summary(service.load.failures)).toEqual([])
      expect(readyPids(await service.status())).toEqual(service.pids)
      const after = await service.plane.untilActive()
      expect(after.processes.map(({ pid }) => pid)).toEqual(before.processes.map(({ pid }) => pid))
      expect(await eventsAfter(lastSeq)).toEqual([])
      expect(await signIn()).toBe(200)
    })
  }

  it('back again: a killed replica is replaced promptly, a new service comes up, both go down', async () => {
    clock.set(0)
    await live()
    clock.set(-hour)
    const [victim] = service.pids
    if (victim === undefined) throw new Error('no replica is ready')
    process.kill(victim[1], 'SIGKILL')
    const isReplaced = async (): Promise<boolean> => {
      const pids = readyPids(await service.status())
      return !pids.has(victim[0]) && pids.size === service.pids.size
    }
    await until('it is replaced', isReplaced, 20_000)
    const { failures } = await service.load.stop()
    expect(summary(failures.filter(({ isIdempotent }) => isIdempotent))).toEqual([])
    const hello = await service.plane.cli('serve', 'up', example, '--name', 'second')
    expect(hello).toMatchObject({ code: 0 })
    for (const name of ['loaded', 'second']) {
      expect(await service.plane.cli('serve', 'down', name)).toMatchObject({ code: 0 })
    }
  })
})
