import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@skykeep/testing/until'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callControl } from '@skykeep/persistent-path/control'
import { type Layout, layoutOf } from '@skykeep/persistent-path/layout'
import { identityOf, isProcessAlive } from '@skykeep/persistent-path/process-identity'
import { readProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { eventually, freePort, killEverythingOf, pidOf, Plane, startsOf, status } from './fixtures/plane.ts'

const names = ['web', 'worker', 'gateway-0', 'gateway-1']
let folder = ''
let layout: Layout
let port = 0
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sku-'))
  layout = layoutOf(join(folder, 'p'))
  port = await freePort()
})
afterEach(() => {
  killEverythingOf(layout.root)
  rmSync(folder, { recursive: true, force: true })
})

const start = (environment: Readonly<Record<string, string>> = {}): Plane =>
  new Plane(layout.root, port, environment)
const startReady = async (environment: Readonly<Record<string, string>> = {}): Promise<Plane> => {
  const plane = start(environment)
  await plane.says('ready fence=')
  await eventually(() => readProcessRecord(layout, 'gateway-1') !== undefined, 'the second gateway process')
  return plane
}
const pids = (): readonly number[] => names.map((name) => pidOf(layout, name))
const isAlive = (name: string): boolean => {
  const record = readProcessRecord(layout, name)
  return record !== undefined && isProcessAlive(record)
}
const stopSignal = (name: string): void => void process.kill(pidOf(layout, name), 'SIGSTOP')

describe('supervisor', { timeout: 60_000 }, () => {
  it('starts web, worker and gateway with a listed environment and the fence, and says what runs', async () => {
    await startReady()
    // What runs is looked at once a second: the gateway's second process may come after the look.
    const now = await until('all parts are named', async () => {
      const seen = await status(layout)
      return seen.processes.length === names.length && seen
    })
    expect(now).toMatchObject({ role: 'active', fence: 1, isReady: true, persistentPath: layout.root })
    expect(now.processes.map((each) => each.name).toSorted()).toEqual(names.toSorted())
    expect(now.processes.find((each) => each.name === 'web')).toMatchObject({
      port,
      state: 'running',
      restarts: 0,
    })
    expect(startsOf(layout, 'worker')[0]).toContain(`fence=1 database=file:${layout.stateDb}`)
    expect(startsOf(layout, 'gateway-0')[0]).toContain('fence=- database=-')
    const log = readFileSync(layout.processLog('worker'), 'utf8')
    expect(log).toContain(`leaked=no tmp=${layout.tmpDir}`)
    expect(statSync(layout.processLog('worker')).mode & 0o777).toBe(0o600)
    expect(statSync(layout.supervisorSocket).mode & 0o777).toBe(0o600)
  })

  it('invariant 6: the supervisor may be SIGKILLed: its children live on, and the next run adopts the same pids', async () => {
    const first = await startReady()
    const before = pids()
    await first.killed()
    expect(names.every(isAlive)).toBe(true)
    const second = await startReady()
    expect(pids()).toEqual(before)
    expect(second.said).toContain('worker: adopted')
    expect((await status(layout)).processes.every((each) => each.isAdopted)).toBe(true)
    expect((await status(layout)).fence).toBe(1)
    for (const name of ['web', 'worker', 'gateway-0']) expect(startsOf(layout, name)).toHaveLength(1)
  })

  it('starts a process again that dies, its own and an adopted one', async () => {
    const first = await startReady()
    const own = pidOf(layout, 'worker')
    process.kill(own, 'SIGKILL')
    await first.says('worker: died of SIGKILL; starts again')
    await eventually(() => startsOf(layout, 'worker').length === 2, 'a second worker')
    await first.killed()
    await startReady()
    process.kill(pidOf(layout, 'web'), 'SIGKILL')
    await eventually(() => startsOf(layout, 'web').length === 2, 'a second web server')
    await eventually(async () => (await status(layout)).isReady, 'everything to answer')
    expect(startsOf(layout, 'gateway-0')).toHaveLength(1)
  })

  it('invariant 6: alive means that it answers: a stopped child is killed and started again', async () => {
    const plane = await startReady()
    for (const name of ['worker', 'web']) {
      const stuck = pidOf(layout, name)
      stopSignal(name)
      await eventually(() => isAlive(name) && pidOf(layout, name) !== stuck, `another ${name}`)
    }
    expect(plane.said).toContain('does not answer; kills it')
    await eventually(async () => (await status(layout)).isReady, 'everything to answer')
  })

  it('leaves a gateway alone while one of its processes answers, and replaces it when none does', async () => {
    const plane = await startReady()
    const leader = pidOf(layout, 'gateway-0')
    stopSignal('gateway-0')
    await eventually(
      async () =>
        (await status(layout)).processes.some(
          (each) => each.pid === leader && each.state === 'not-answering',
        ),
      'the stopped leader to be seen',
    )
    expect(isAlive('gateway-0')).toBe(true)
    stopSignal('gateway-1')
    await plane.says('gateway: none of 2 processes answers; kills them')
    await eventually(() => pidOf(layout, 'gateway-0') !== leader && isAlive('gateway-0'), 'a new leader')
    await eventually(async () => (await status(layout)).isReady, 'everything to answer')
  })

  it('a gateway that drains is let be and counts for none: where only such are left, another one is started', async () => {
    const plane = await startReady()
    const draining = pidOf(layout, 'gateway-0')
    process.kill(draining, 'SIGUSR2')
    const stateOf = async (pid: number): Promise<string | undefined> =>
      (await status(layout)).processes.find((each) => each.pid === pid)?.state
    await eventually(async () => (await stateOf(draining)) === 'draining', 'it to be seen')
    expect(await stateOf(pidOf(layout, 'gateway-1'))).toBe('running')
    process.kill(pidOf(layout, 'gateway-1'), 'SIGKILL')
    await plane.says('gateway: all its processes died')
    await eventually(() => isAlive('gateway-2'), 'a new leader beside it')
    await eventually(
      async () => (await status(layout)).isReady && (await stateOf(pidOf(layout, 'gateway-2'))) === 'running',
      'everything to answer',
    )
    expect(pidOf(layout, 'gateway-0')).toBe(draining)
    expect(await stateOf(draining)).toBe('draining')
    expect(startsOf(layout, 'gateway-0')).toHaveLength(1)
  })

  it('a supervisor that was stopped itself does not take its sleep for misses of others', async () => {
    const plane = await startReady()
    const before = pids()
    plane.child.kill('SIGSTOP')
    const sinceMs = performance.now()
    await eventually(() => performance.now() - sinceMs > 4000, 'four seconds of sleep')
    plane.child.kill('SIGCONT')
    await eventually(async () => (await status(layout)).isReady, 'everything to answer')
    expect(pids()).toEqual(before)
    expect(plane.said).not.toContain('kills')
  })

  it('Ctrl-C ends web and worker; the gateway goes on, and it says so', async () => {
    const plane = await startReady()
    plane.child.kill('SIGINT')
    expect(await plane.exits()).toBe(0)
    expect(plane.said).toContain(
      'Gateway and replicas go on and keep answering; `skykeep stop` ends the gateway too',
    )
    expect(['gateway-0', 'gateway-1'].every(isAlive)).toBe(true)
    expect(['web', 'worker', 'supervisor'].some((name) => existsSync(layout.processFile(name)))).toBe(false)
    const gateways = [pidOf(layout, 'gateway-0'), pidOf(layout, 'gateway-1')]
    await startReady()
    expect([pidOf(layout, 'gateway-0'), pidOf(layout, 'gateway-1')]).toEqual(gateways)
    expect((await status(layout)).fence).toBe(2)
  })

  it('Ctrl-C ends a stuck process after its grace, and a second Ctrl-C at once', async () => {
    const first = await startReady()
    const [, worker] = pids()
    stopSignal('worker')
    first.child.kill('SIGINT')
    expect(await first.exits()).toBe(0)
    expect(identityOf(worker ?? 0)).toBeUndefined()
    const second = await startReady()
    const stuck = pidOf(layout, 'web')
    stopSignal('web')
    second.child.kill('SIGINT')
    await second.says('again to stop at once')
    const sinceMs = performance.now()
    second.child.kill('SIGINT')
    expect(await second.exits()).toBe(130)
    expect(performance.now() - sinceMs).toBeLessThan(3000)
    await eventually(() => identityOf(stuck) === undefined, 'the end of the stuck web server')
  })

  it('waits for a port that another program holds, says so, and goes on when it is free', async () => {
    const stranger = createServer().listen(port, '127.0.0.1')
    const plane = start()
    await plane.says(`web: port ${port} is held by another program`)
    expect((await status(layout)).processes.find((each) => each.name === 'web')).toMatchObject({
      state: 'blocked',
    })
    await new Promise((resolve) => stranger.close(resolve))
    await plane.says('ready fence=1')
  })

  it('a call to stop with the gateway ends everything', async () => {
    const plane = await startReady()
    await callControl(layout.supervisorSocket, {
      method: 'POST',
      path: '/stop',
      body: { gateway: true, graceMs: 500 },
    })
    expect(await plane.exits()).toBe(0)
    expect(names.some(isAlive)).toBe(false)
  })

  it('a new build replaces web and worker; a gateway that cannot hand over goes on, and that is said once', async () => {
    const first = await startReady()
    const before = pids()
    await first.killed()
    const plane = await startReady({ TEST_BUILD: 'build-2' })
    await plane.says('gateway: of another build')
    const after = pids()
    expect(after.slice(0, 2).some((pid) => before.includes(pid))).toBe(false)
    expect(after.slice(2)).toEqual(before.slice(2))
    expect((await status(layout)).fence).toBe(2)
    expect(plane.said.match(/of another build.*/g)).toEqual([
      expect.stringMatching(/goes on as it is: no such endpoint: POST \/hand-over$/),
    ])
  })

  it('finds a process that no record names, because its supervisor died in between', async () => {
    const first = await startReady()
    const orphan = pidOf(layout, 'web')
    await first.killed()
    rmSync(layout.processFile('web'))
    const second = start()
    await second.says(`web: killed (pid ${orphan})`)
    await second.says('ready fence=')
    expect(pidOf(layout, 'web')).not.toBe(orphan)
  })
})
