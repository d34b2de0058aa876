import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { listEvents } from '@skykeep/db/events'
import { callControl } from '@skykeep/persistent-path/control'
import { until } from '@skykeep/testing/until'
import { isRunning, WorkerWorld } from './worker-world.ts'

/** A file system of its own that a test may fill; undefined where this user may not mount one. */
function mountSmall(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'skm-'))
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', folder], { stdio: 'ignore' })
    return folder
  } catch {
    rmSync(folder, { recursive: true })
    return undefined
  }
}

const folder = mountSmall()
const isMounted = folder !== undefined
const suffix = isMounted ? '' : ' (skipped: this user may not mount a small file system)'
let world: WorkerWorld | undefined

afterEach(async ({ task }) => {
  await world?.destroy(task.result?.state === 'fail').catch(() => undefined)
  if (folder === undefined) return
  execFileSync('/bin/umount', ['-l', folder])
  rmSync(folder, { recursive: true, force: true })
})

function storageState(of: WorkerWorld): Promise<string> {
  const call = callControl(of.layout.socket('worker'), { method: 'GET', path: '/status' })
  // The worker's documented answer.
  return call.then((status) => (status as { storage: { state: string } }).storage.state)
}

describe.skipIf(!isMounted)(`a full disk${suffix}`, () => {
  it('dstack 11 #3: is shown as degraded, tears nothing down, and is over by itself once there is room', async () => {
    world = await WorkerWorld.create(folder)
    const here = world
    here.startWorker()
    const service = await here.up('hello', 2)
    const before = await here.untilReady(service, 2)
    const ballast = join(here.layout.root, 'ballast')
    const block = Buffer.alloc(1 << 16)
    const fill = (): void => {
      try {
        for (;;) appendFileSync(ballast, block)
      } catch {
        // It is full.
      }
    }
    await until('degraded is shown', async () => {
      fill()
      return (await storageState(here)) === 'degraded'
    })
    for (const { port, replicaId } of before) {
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe(`hello ${replicaId}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(here.starts().filter(([, pid]) => isRunning(pid))).toHaveLength(2)

    truncateSync(ballast, 0)
    await until('it has recovered', async () => (await storageState(here)) === 'ok')
    const events = await listEvents(here.database, { types: ['storage.degraded', 'storage.recovered'] })
    expect(events.map(({ type }) => type).toSorted()).toEqual(['storage.degraded', 'storage.recovered'])
    const after = await here.untilReady(service, 2)
    expect(after.map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid))
    await here.scale(service, 3)
    await here.untilReady(service, 3)
  })
})
