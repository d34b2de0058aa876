import { spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { openDump } from '@skykeep/db/dump'
import { openDatabase } from '@skykeep/db/connect'
import { serveControl } from '@skykeep/persistent-path/control'
import { type Layout, layoutOf } from '@skykeep/persistent-path/layout'
import {
  readIncoming,
  readMoved,
  requireNotMoved,
  requireWhole,
  writePathInstallation,
} from '@skykeep/persistent-path/path-state'
import { selfIdentity } from '@skykeep/persistent-path/process-identity'
import { readProcessRecord, writeProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { dropDeadIntent, finishIncomingMove } from '@skykeep/state/move/finish-move'
import { moveState, type MoveStep } from '@skykeep/state/move/move-state'
import { prepareDatabase } from '@skykeep/testing/databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fillState, newStatePath, type StatePath, systemClock as clock } from './fixtures/state-path.ts'

const script = join(import.meta.dirname, 'fixtures', 'move-and-die.ts')
const steps: readonly MoveStep[] = [
  'intended',
  'bulk-copied',
  'paused',
  'database-copied',
  'files-copied',
  'committed',
  'nodes-moved',
  'gateways-rebased',
  'opened',
  'renamed',
  'followed',
  'old-removed',
]

let path: StatePath
let newRoot = ''
let to: Layout
beforeEach(async () => {
  path = newStatePath()
  newRoot = join(path.folder, 'new')
  to = layoutOf(newRoot)
  const url = `file:${path.layout.stateDb}`
  await prepareDatabase(url)
  const database = await openDatabase({ url, clock })
  await fillState(database, path)
  await database.close()
  writePathInstallation(path.layout, { installationId: 'ins_1', epoch: 1 })
  mkdirSync(join(path.layout.localDir, '.nodes'))
  mkdirSync(join(path.layout.localDir, 'n-1'))
  writeFileSync(join(path.layout.localDir, '.nodes', 'n-1.json'), '{}')
  writeFileSync(join(path.layout.localDir, 'n-1', 'file'), 'of a node')
})
afterEach(() => path.remove())

async function rowsOf(layout: Layout): Promise<Record<string, readonly string[]>> {
  const dump = await openDump({ url: `file:${layout.stateDb}`, copyTo: join(path.folder, 'copy.db') })
  const rows: Record<string, string[]> = {}
  for (const table of dump.tables) {
    const lines: string[] = []
    for await (const line of dump.rows(table)) lines.push(line)
    rows[table.name] = lines
  }
  await dump.close()
  return rows
}

const filesOf = (layout: Layout): readonly string[] =>
  [layout.versionsDir, layout.logsDir, layout.uploadsDir, layout.keysDir]
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
        const stats = lstatSync(join(folder, name))
        return `${name} ${stats.mode.toString(8)} ${stats.isFile() ? readFileSync(join(folder, name)).toString('base64').slice(0, 200) : ''}`
      }),
    )
    .filter((line) => !line.includes('.part'))
    .toSorted()

const kill = (step: string): { readonly signal: string | null; readonly output: string } => {
  const { signal, stdout, stderr } = spawnSync(process.execPath, [script, path.layout.root, newRoot, step], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { signal, output: `${stdout}${stderr}` }
}

const refusal = (check: () => void): string | undefined => {
  try {
    check()
    return undefined
  } catch (error) {
    return String(error)
  }
}

describe('a move', () => {
  it('takes every row, file, key and node along, and leaves where the state is', async () => {
    const [rows, files] = [await rowsOf(path.layout), filesOf(path.layout)]
    expect(kill('').output.trim().split('\n')).toEqual(steps)
    expect(await rowsOf(to)).toEqual(rows)
    expect(filesOf(to)).toEqual(files)
    expect(readMoved(path.layout)?.to).toBe(realpathSync(newRoot))
    expect(() => requireNotMoved(path.layout)).toThrow(realpathSync(newRoot))
    expect(readdirSync(path.layout.root).toSorted()).toEqual(['local', 'moved.json'])
    expect(readFileSync(join(path.layout.localDir, 'n-1', 'file'), 'utf8')).toBe('of a node')
    expect(lstatSync(path.layout.localDir).isSymbolicLink()).toBe(true)
  })

  it('killed at any step leaves one place whole, and the same command brings it to its end', async () => {
    const [rows, files] = [await rowsOf(path.layout), filesOf(path.layout)]
    const inodes = statSync(join(path.layout.localDir, 'n-1', 'file')).ino
    for (const step of steps.slice(0, -1)) {
      const fresh = newStatePath()
      // The same content for each step: copied by the file system, so that nothing depends on the order.
      spawnSync('cp', ['-a', `${path.layout.root}/.`, fresh.layout.root])
      const target = layoutOf(join(fresh.folder, 'new'))
      const { signal } = spawnSync(process.execPath, [script, fresh.layout.root, target.root, step], {
        encoding: 'utf8',
        timeout: 60_000,
      })
      expect(signal, step).toBe('SIGKILL')
      const isCommitted = readMoved(fresh.layout) !== undefined
      expect(isCommitted, step).toBe(steps.indexOf(step) >= steps.indexOf('committed'))
      const whole = isCommitted ? target : fresh.layout
      // What a plane that starts there does first.
      const isFinished = isCommitted && (await finishIncomingMove(target))
      const isDropped = !isCommitted && dropDeadIntent(fresh.layout)
      expect(isFinished, step).toBe(isCommitted && steps.indexOf(step) < steps.indexOf('opened'))
      expect(isDropped, step).toBe(!isCommitted)
      expect(refusal(() => requireWhole(target)) === undefined, step).toBe(isCommitted)
      requireNotMoved(whole)
      requireWhole(whole)
      expect(await rowsOf(whole), step).toEqual(rows)
      expect(filesOf(whole), step).toEqual(files)
      expect(readFileSync(join(whole.localDir, 'n-1', 'file'), 'utf8'), step).toBe('of a node')
      const again = spawnSync(process.execPath, [script, fresh.layout.root, target.root], {
        encoding: 'utf8',
        timeout: 60_000,
      })
      expect(again.stderr, step).toBe('')
      expect(await rowsOf(target), step).toEqual(rows)
      expect(filesOf(target), step).toEqual(files)
      expect(readIncoming(target), step).toBeUndefined()
      expect(readdirSync(fresh.layout.root).toSorted(), step).toEqual(['local', 'moved.json'])
      expect(readFileSync(join(fresh.layout.localDir, 'n-1', 'file'), 'utf8'), step).toBe('of a node')
      fresh.remove()
    }
    expect(inodes).toBeGreaterThan(0)
    // Two programs are started for each step.
  }, 300_000)

  const move = (more: Partial<Parameters<typeof moveState>[0]> = {}) =>
    moveState({
      layout: path.layout,
      newRoot,
      usesSqlite: true,
      shouldKeepOld: true,
      rename: () => undefined,
      clock,
      plane: {
        pause: () => Promise.resolve(),
        resume: () => Promise.resolve(),
        follow: () => Promise.resolve(),
      },
      ...more,
    })

  it('goes only into a folder that is new, beside the old one', async () => {
    for (const root of [path.layout.root, join(path.layout.root, 'inside'), path.folder])
      await expect(move({ newRoot: root })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    mkdirSync(newRoot)
    writeFileSync(join(newRoot, 'something'), 'of somebody')
    await expect(move()).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(readMoved(path.layout)).toBeUndefined()
  })

  it('that fails in the switch goes on at the old path', async () => {
    const told: string[] = []
    const plane = {
      pause: async () => void told.push('pause'),
      resume: async () => void told.push('resume'),
      follow: async () => void told.push('follow'),
    }
    const onStep = (step: MoveStep): void => {
      if (step === 'files-copied') throw new Error('the disk is full')
    }
    await expect(move({ plane, onStep })).rejects.toThrow('the disk is full')
    expect(told).toEqual(['pause', 'resume'])
    expect(existsSync(path.layout.moveFile)).toBe(false)
    requireNotMoved(path.layout)
    await move({ plane })
    expect(told).toEqual(['pause', 'resume', 'pause', 'follow'])
    expect(existsSync(path.layout.stateDb)).toBe(true)
  })

  it('tells every gateway process to serve from the new path, and refuses one that cannot', async () => {
    const socket = path.layout.socket('gateway-0')
    const record = { name: 'gateway-0', socket, startedAtMs: 1, build: 'b', ...selfIdentity() }
    writeProcessRecord(path.layout, record)
    const old = await serveControl(socket, { 'GET /status': () => ({ slot: 0 }) })
    await expect(move()).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await old.close()
    const asked: unknown[] = []
    const able = await serveControl(socket, {
      'GET /status': () => ({ slot: 0, root: path.layout.root, epoch: 'epoch-of-the-living' }),
      'POST /rebase': ({ body }) => void asked.push(body),
    })
    for (const name of ['epoch-of-the-living.journal', 'epoch-of-a-dead.journal'])
      writeFileSync(join(path.layout.gatewayJournalsDir, name), '')
    await move()
    await able.close()
    expect(readdirSync(to.gatewayJournalsDir)).toEqual(['epoch-of-a-dead.journal'])
    expect(asked).toEqual([{ root: realpathSync(newRoot) }])
    expect(readProcessRecord(to, 'gateway-0')).toMatchObject({
      pid: process.pid,
      socket: layoutOf(realpathSync(newRoot)).socket('gateway-0'),
    })
    expect(readProcessRecord(path.layout, 'gateway-0')).toBeUndefined()
  })
})
