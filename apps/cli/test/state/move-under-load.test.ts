import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestPlane } from '@skykeep/testing/plane'
import { until } from '@skykeep/testing/until'
import { build, loadedService, readyPids, summary, type LoadedService } from '../survival/loaded-service.ts'

const canRebase = readFileSync(path.join(build, 'gateway.mjs'), 'utf8').includes('POST /rebase')
const why = canRebase ? '' : ' (skipped: the gateway of this build cannot change its path)'

describe.skipIf(!canRebase)(`a move under load${why}`, () => {
  let service: LoadedService
  let folder = ''
  let moved: TestPlane
  beforeAll(async () => {
    service = await loadedService()
    folder = mkdtempSync(path.join(tmpdir(), 'skm-'))
    moved = await TestPlane.create({ build, root: path.join(folder, 'new') })
  })
  afterAll(async () => {
    await service.load.abandon()
    await moved.destroy()
    await service.plane.destroy()
    rmSync(folder, { recursive: true, force: true })
  })

  it('skypilot 3.5 #19: breaks no connection and restarts no replica; the same supervisor goes on at the new path', async () => {
    const before = await service.plane.untilActive()
    const { endpoint } = await service.status()
    const { code, stdout, stderr } = await service.plane.cli('state', 'move', moved.root, '--json')
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ root: moved.root, nodes: 'renamed' })
    const after = await moved.untilActive()
    const pidsOf = (view: typeof after, parts: RegExp): readonly number[] =>
      view.processes.filter(({ name }) => parts.test(name)).map(({ pid }) => pid)
    expect(pidsOf(after, /supervisor|gateway/)).toEqual(pidsOf(before, /supervisor|gateway/))
    expect(after).toMatchObject({ persistentPath: moved.root, installationId: before.installationId })
    expect(after.fence).toBeGreaterThan(before.fence)
    const status = await until('the service as it is there', async () => await moved.status('loaded'))
    expect(status.endpoint).toBe(endpoint)
    expect(readyPids(status)).toEqual(service.pids)
    expect(lstatSync(path.join(service.plane.root, 'local')).isSymbolicLink()).toBe(true)
    expect(existsSync(path.join(service.plane.root, 'state.db'))).toBe(false)
    expect(summary(service.load.failures)).toEqual([])
  })

  it('afterwards a replica that dies is replaced there, and the old path says where the state is', async () => {
    const [pid] = service.pids.values()
    if (pid === undefined) throw new Error('no replica')
    process.kill(pid, 'SIGKILL')
    await until('two replicas are ready again', async () => {
      const pids = [...readyPids((await moved.status('loaded')) ?? (await service.status())).values()]
      return pids.length === 2 && !pids.includes(pid)
    })
    const refused = await service.plane.cli('serve', 'status')
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain(`was moved to ${moved.root}`)
    const events = await moved.cli('events', '--json', '--limit', '200')
    expect(events.stdout).toContain('state.moved')
  })
})
