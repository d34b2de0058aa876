import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callControl } from '@skykeep/persistent-path/control'
import { type Layout, layoutOf } from '@skykeep/persistent-path/layout'
import { isProcessAlive } from '@skykeep/persistent-path/process-identity'
import { readProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { eventually, freePort, killEverythingOf, pidOf, Plane, startsOf, status } from './fixtures/plane.ts'

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

const start = (): Plane => new Plane(layout.root, port)
const startReady = async (): Promise<Plane> => {
  const plane = start()
  await plane.says('ready fence=')
  await eventually(() => readProcessRecord(layout, 'gateway-1') !== undefined, 'the second gateway process')
  return plane
}
const standBySocket = ({ child }: Plane): string => layout.socket(`sb-${child.pid}`)
const startStandBy = async (): Promise<Plane> => {
  const plane = start()
  await plane.says(`holds ${layout.root}; takes over when it is gone`)
  await eventually(() => existsSync(standBySocket(plane)), 'the socket of the stand-by')
  return plane
}
const starts = (): Readonly<Record<string, number>> =>
  Object.fromEntries(['web', 'worker', 'gateway-0'].map((name) => [name, startsOf(layout, name).length]))

describe('two control planes on one path', { timeout: 90_000 }, () => {
  it('one acts, the other stands by, says who holds the path, and starts nothing', async () => {
    const active = await startReady()
    const standBy = await startStandBy()
    expect(standBy.said).toContain(`the control plane with pid ${active.child.pid} on `)
    const socket = standBySocket(standBy)
    expect(await callControl(socket, { method: 'GET', path: '/status' })).toMatchObject({ role: 'standby' })
    expect(starts()).toEqual({ web: 1, worker: 1, 'gateway-0': 1 })
    standBy.child.kill('SIGTERM')
    expect(await standBy.exits()).toBe(0)
    expect(existsSync(socket)).toBe(false)
    expect((await status(layout)).pid).toBe(active.child.pid)
  })

  it('the stand-by takes over at once when the active one is SIGKILLed, and adopts what lives', async () => {
    const active = await startReady()
    const standBy = await startStandBy()
    const another = await startStandBy()
    await another.killed()
    expect(existsSync(standBySocket(another))).toBe(true)
    const before = ['web', 'worker', 'gateway-0', 'gateway-1'].map((name) => pidOf(layout, name))
    await active.killed()
    await standBy.says('ready fence=1')
    expect(existsSync(standBySocket(another))).toBe(false)
    expect(['web', 'worker', 'gateway-0', 'gateway-1'].map((name) => pidOf(layout, name))).toEqual(before)
    expect((await status(layout)).pid).toBe(standBy.child.pid)
  })

  it('the stand-by takes over when all of the active plane is stopped: kills what is stuck, raises the fence', async () => {
    const active = await startReady()
    const standBy = await startStandBy()
    const names = ['web', 'worker', 'gateway-0', 'gateway-1']
    const stuck = names.map((name) => readProcessRecord(layout, name))
    active.child.kill('SIGSTOP')
    for (const name of names) process.kill(pidOf(layout, name), 'SIGSTOP')
    await standBy.says('ready fence=2', 40_000)
    expect(standBy.said).toContain(`the control plane with pid ${active.child.pid} is stuck`)
    expect(await active.exits()).toBe(null)
    expect(active.child.signalCode).toBe('SIGKILL')
    for (const record of stuck) expect(record !== undefined && isProcessAlive(record)).toBe(false)
    expect(startsOf(layout, 'worker')[1]).toContain('fence=2')
    expect(starts()).toEqual({ web: 2, worker: 2, 'gateway-0': 2 })
  })

  it('invariant 6: when only the supervisor is stopped, the stand-by keeps the gateway that answers', async () => {
    const active = await startReady()
    const standBy = await startStandBy()
    const gateways = [pidOf(layout, 'gateway-0'), pidOf(layout, 'gateway-1')]
    active.child.kill('SIGSTOP')
    await standBy.says('ready fence=2', 40_000)
    expect([pidOf(layout, 'gateway-0'), pidOf(layout, 'gateway-1')]).toEqual(gateways)
    expect(starts()).toEqual({ web: 2, worker: 2, 'gateway-0': 1 })
  })

  it('an old plane that could not be killed and resumes notices that it lost, and ends without any effect', async () => {
    const old = await startReady()
    old.child.kill('SIGSTOP')
    // As on a volume that moved to another host: the kernel that knew of the old lock is not asked.
    rmSync(layout.lockDb)
    const next = start()
    await next.says('ready fence=1')
    const worker = pidOf(layout, 'worker')
    const holder = (): string => readFileSync(layout.holderFile, 'utf8')
    const run = (JSON.parse(holder()) as { run: string }).run
    process.kill(worker, 'SIGKILL')
    await eventually(() => startsOf(layout, 'worker').length === 2, 'the new plane to replace the worker')
    // A stop that was asked for while it slept must not reach the processes of its successor.
    old.child.kill('SIGTERM')
    old.child.kill('SIGCONT')
    expect(await old.exits()).toBe(3)
    expect(old.said).toContain(`another control plane has taken ${layout.root}`)
    expect(starts()).toEqual({ web: 1, worker: 2, 'gateway-0': 1 })
    expect(holder()).toContain(run)
    await eventually(async () => (await status(layout)).isReady, 'the new plane to be ready')
    expect((await status(layout)).pid).toBe(next.child.pid)
  })
})
