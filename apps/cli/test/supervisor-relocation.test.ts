import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callControl } from '@skykeep/persistent-path/control'
import { isLockHeld } from '@skykeep/persistent-path/instance-lock'
import { type Layout, layoutOf } from '@skykeep/persistent-path/layout'
import { writePathInstallation } from '@skykeep/persistent-path/path-state'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { identityOf } from '@skykeep/persistent-path/process-identity'
import { readProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { moveState } from '@skykeep/state/move/move-state'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually, freePort, killEverythingOf, pidOf, Plane, startsOf, status } from './fixtures/plane.ts'

let folder = ''
let layout: Layout
let there: Layout
let config = ''
let port = 0
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skr-'))
  layout = layoutOf(join(folder, 'a'))
  there = layoutOf(join(folder, 'b'))
  config = join(folder, 'config')
  writeFileSync(config, layout.root)
  port = await freePort()
  preparePath(layout.root, false)
  writePathInstallation(layout, { installationId: 'ins_1', epoch: 1 })
})
afterEach(() => {
  for (const root of [layout.root, there.root]) killEverythingOf(root)
  rmSync(folder, { recursive: true, force: true })
})

const call = (verb: string, body: object): Promise<unknown> =>
  callControl(layout.supervisorSocket, { method: 'POST', path: `/${verb}`, body, timeoutMs: 20_000 })

async function ready(environment: Readonly<Record<string, string>> = {}): Promise<Plane> {
  const plane = new Plane(layout.root, port, { TEST_CONFIG: config, ...environment })
  await plane.says('ready fence=1')
  await eventually(() => readProcessRecord(layout, 'gateway-1') !== undefined, 'both gateways')
  return plane
}

describe('a pause', () => {
  it('ends worker and web, keeps the gateway, and everything starts again under a higher fence', async () => {
    await ready()
    const pids = ['worker', 'web', 'gateway-0'].map((name) => pidOf(layout, name))
    await call('pause', { pid: process.pid })
    expect(pids.map((pid) => identityOf(pid) !== undefined)).toEqual([false, false, true])
    expect(isLockHeld(layout)).toBe(true)
    await call('resume', {})
    await eventually(
      async () => (await status(layout)).isReady && (await status(layout)).fence === 2,
      'ready again',
    )
    expect(pidOf(layout, 'gateway-0')).toBe(pids[2])
    expect(startsOf(layout, 'worker')).toHaveLength(2)
    await expect(call('resume', {})).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('ends with the death of the process that asked for it', async () => {
    await ready()
    const mover = spawn('sleep', ['60'])
    await call('pause', { pid: mover.pid })
    mover.kill('SIGKILL')
    await eventually(
      async () => (await status(layout)).isReady && (await status(layout)).fence === 2,
      'ready again',
    )
    await expect(call('pause', { pid: 999_999_999 })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

describe('a move', () => {
  it('is followed by the same supervisor: the gateway is the same, and the old path is free', async () => {
    const plane = await ready()
    const gateways = ['gateway-0', 'gateway-1'].map((name) => pidOf(layout, name))
    await moveState({
      layout,
      newRoot: there.root,
      usesSqlite: false,
      shouldKeepOld: false,
      rename: (root) => writeFileSync(config, root),
      clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
      plane: {
        pause: async () => void (await call('pause', { pid: process.pid })),
        resume: async () => void (await call('resume', {})),
        follow: async (root) => {
          await call('follow', { root })
          await eventually(
            async () => (await status(there).catch(() => undefined))?.isReady === true,
            'ready there',
          )
        },
      },
    })
    expect(['gateway-0', 'gateway-1'].map((name) => pidOf(there, name))).toEqual(gateways)
    expect(await status(there)).toMatchObject({
      pid: plane.child.pid,
      persistentPath: there.root,
      isReady: true,
    })
    // One at each path: the log came along.
    expect(startsOf(there, 'worker')).toHaveLength(2)
    expect(existsSync(layout.runtimeDir)).toBe(false)
    plane.child.kill('SIGTERM')
    expect(await plane.exits()).toBe(0)
  })
})

describe('a persistent_path that config.yaml repoints', () => {
  it('skypilot 3.5 #19: is followed when this state is there: the gateway and its connections stay', async () => {
    const plane = await ready()
    const gateways = ['gateway-0', 'gateway-1'].map((name) => pidOf(layout, name))
    preparePath(there.root, false)
    writePathInstallation(there, { installationId: 'ins_1', epoch: 1 })
    writeFileSync(config, there.root)
    await plane.says(`goes to ${there.root}`)
    await eventually(
      async () => (await status(there).catch(() => undefined))?.isReady === true,
      'ready there',
    )
    expect(['gateway-0', 'gateway-1'].map((name) => pidOf(there, name))).toEqual(gateways)
    expect(readFileSync(layout.processLog('gateway-0'), 'utf8')).toContain(
      `rebase gateway-0 ${gateways[0]} ${there.root}`,
    )
    expect(isLockHeld(layout)).toBe(false)
    expect(isLockHeld(there)).toBe(true)
  })

  it('that holds nothing, or another installation, is said and left alone', async () => {
    const plane = await ready()
    const pids = ['worker', 'web', 'gateway-0'].map((name) => pidOf(layout, name))
    writeFileSync(config, there.root)
    await plane.says(`config.yaml names ${there.root}, which holds no state of Skykeep`)
    expect((await status(layout)).pathProblem).toContain('skykeep state move')
    expect(existsSync(there.root)).toBe(false)
    preparePath(there.root, false)
    writePathInstallation(there, { installationId: 'ins_2', epoch: 1 })
    await plane.says('which belongs to another installation (ins_2)')
    expect(['worker', 'web', 'gateway-0'].map((name) => pidOf(layout, name))).toEqual(pids)
    writeFileSync(config, layout.root)
    await eventually(async () => (await status(layout)).pathProblem === undefined, 'no problem any more')
  })
})

describe('the role port', () => {
  it('answers 200 only where the active plane is, 503 at a stand-by, also while web is not there', async () => {
    const [first, second] = [await freePort(), await freePort()]
    const ask = async (at: number): Promise<number | undefined> =>
      await fetch(`http://127.0.0.1:${at}/role`).then(
        (reply) => reply.status,
        () => undefined,
      )
    const active = await ready({ TEST_ROLE_PORT: String(first) })
    const standBy = new Plane(layout.root, port, { TEST_CONFIG: config, TEST_ROLE_PORT: String(second) })
    await standBy.says('stands by')
    expect(await ask(first)).toBe(200)
    await eventually(async () => (await ask(second)) === 503, 'the stand-by says so')
    process.kill(pidOf(layout, 'web'), 'SIGKILL')
    expect(await ask(first)).toBe(200)
    expect(await fetch(`http://127.0.0.1:${first}/other`).then((reply) => reply.status)).toBe(404)
    await active.killed()
    await eventually(async () => (await ask(second)) === 200, 'the stand-by took over')
    expect(await ask(first)).toBeUndefined()
  })
})
