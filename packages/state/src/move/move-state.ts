import { existsSync, lstatSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '@skykeep/core/clock'
import { SkykeepError } from '@skykeep/core/errors'
import { settleSqlite } from '@skykeep/db/settle-sqlite'
import { syncFolder, writeFileAtomic } from '@skykeep/persistent-path/atomic-file'
import { foldersOf, type Layout } from '@skykeep/persistent-path/layout'
import {
  readIncoming,
  readMoved,
  requireWhole,
  writeIncoming,
  writeMoved,
} from '@skykeep/persistent-path/path-state'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { isProcessAlive, selfIdentity } from '@skykeep/persistent-path/process-identity'
import { type FinishStep, moverOf, openNewPath } from './finish-move.ts'
import type { NodesMoved } from './move-nodes.ts'
import { dropLivingJournals, requireRebasable } from './rebase-gateways.ts'
import { copyVerified, syncTree } from './sync-tree.ts'

/** The control plane of the path that moves, as the mover needs it. */
export interface MovedPlane {
  /** Ends worker and web and keeps everybody else from starting; the gateway and the replicas go on. */
  pause(): Promise<void>
  /** Undoes `pause` at the old path. */
  resume(): Promise<void>
  /** Goes on at the new path. */
  follow(root: string): Promise<void>
}

export interface MoveSource {
  readonly layout: Layout
  readonly newRoot: string
  readonly usesSqlite: boolean
  readonly shouldKeepOld: boolean
  readonly plane: MovedPlane
  /** Makes whoever names the old path name the new one; run once the new path is whole. */
  readonly rename: (root: string) => void
  readonly clock: Clock
  readonly onProgress?: (phase: 'bulk' | 'switch', bytes: number) => void
  /** Told each step as it was done; tests stop there. */
  readonly onStep?: (step: MoveStep) => void | Promise<void>
}

export type MoveStep =
  | 'intended'
  | 'bulk-copied'
  | 'paused'
  | 'database-copied'
  | 'files-copied'
  | 'committed'
  | FinishStep
  | 'renamed'
  | 'followed'
  | 'old-removed'

export interface Moved {
  readonly layout: Layout
  readonly nodes: NodesMoved
  /** How long worker and web were away, milliseconds. */
  readonly pausedMs: number
}

/**
 * Moves the state of a path to another while its services go on. Until the old path names the new one (`committed`) the old one is whole and a
 * plane starts there; afterwards the new one is, and a plane started there does what is left. Called again, it goes on where it was killed.
 * @throws CONFLICT (the new path is in use, another move runs), UNSUPPORTED, STORAGE_DEGRADED.
 */
export async function moveState(source: MoveSource): Promise<Moved> {
  const { layout, clock } = source
  const to = prepareTarget(source)
  let nodes: NodesMoved = 'none'
  let pausedMs = 0
  if (readMoved(layout)?.to !== to.root) {
    await requireRebasable(layout)
    writeFileAtomic(layout.moveFile, `${JSON.stringify({ to: to.root, ...selfIdentity() })}\n`)
    writeIncoming(to, { kind: 'move', from: layout.root })
    await source.onStep?.('intended')
    await copyFolders(layout, to, bulkFolders, (bytes) => source.onProgress?.('bulk', bytes))
    await source.onStep?.('bulk-copied')
  }
  const pausedAtMs = clock.monotonicMs()
  await source.plane.pause()
  try {
    await source.onStep?.('paused')
    if (readMoved(layout)?.to !== to.root) await copyRest(source, to)
  } catch (error) {
    if (readMoved(layout)?.to !== to.root) {
      rmSync(layout.moveFile, { force: true })
      await source.plane.resume()
    }
    throw error
  }
  if (readIncoming(to) !== undefined) nodes = await openNewPath(layout, to, source.onStep)
  source.rename(to.root)
  await source.onStep?.('renamed')
  await source.plane.follow(to.root)
  pausedMs = clock.monotonicMs() - pausedAtMs
  await source.onStep?.('followed')
  if (!source.shouldKeepOld) removeOld(layout)
  rmSync(layout.moveFile, { force: true })
  await source.onStep?.('old-removed')
  return { layout: to, nodes, pausedMs }
}

/** Large and changed seldom: copied while everything runs, and once more, as far as changed, in the switch. */
const bulkFolders = ['versionsDir', 'uploadsDir', 'logsDir', 'backupsDir'] as const
/** Small, and only still while nobody writes. */
const lastFolders = ['keysDir', 'gatewayDir'] as const

async function copyRest(source: MoveSource, to: Layout): Promise<void> {
  const { layout } = source
  if (source.usesSqlite) {
    await settleSqlite(`file:${layout.stateDb}`)
    await copyVerified(layout.stateDb, to.stateDb)
    for (const suffix of ['-wal', '-shm']) rmSync(`${to.stateDb}${suffix}`, { force: true })
  }
  await source.onStep?.('database-copied')
  await copyFolders(layout, to, [...bulkFolders, ...lastFolders], (bytes) =>
    source.onProgress?.('switch', bytes),
  )
  await dropLivingJournals(layout, to)
  for (const file of [layout.fenceFile, layout.installationFile]) {
    if (existsSync(file)) await copyVerified(file, file.replace(layout.root, to.root))
  }
  for (const folder of foldersOf(to)) syncFolder(folder)
  await source.onStep?.('files-copied')
  writeMoved(layout, { to: to.root, atMs: source.clock.now() })
  await source.onStep?.('committed')
}

async function copyFolders(
  from: Layout,
  to: Layout,
  names: readonly ('versionsDir' | 'uploadsDir' | 'logsDir' | 'backupsDir' | 'keysDir' | 'gatewayDir')[],
  onBytes: (bytes: number) => void,
): Promise<void> {
  let done = 0
  for (const name of names) {
    const before = done
    done += await syncTree(from[name], to[name], (bytes) => onBytes(before + bytes))
  }
}

/** The new path: prepared, and empty, or half filled by an earlier try of this very move. */
function prepareTarget({ layout, newRoot, usesSqlite }: MoveSource): Layout {
  const mover = moverOf(layout)
  if (mover !== undefined && mover.pid !== process.pid && isProcessAlive(mover)) {
    throw new SkykeepError('CONFLICT', `process ${mover.pid} is moving ${layout.root} already`, {
      hint: 'Wait for it, or end it: the old path stays whole.',
    })
  }
  const isInside = (inner: string, outer: string): boolean => `${inner}/`.startsWith(`${outer}/`)
  if (isInside(newRoot, layout.root) || isInside(layout.root, newRoot)) {
    throw new SkykeepError('INVALID_INPUT', `${newRoot} and ${layout.root} lie in each other`, {
      hint: 'Name a folder beside the old one.',
    })
  }
  const movedTo = readMoved(layout)?.to
  const { layout: to } = preparePath(newRoot, usesSqlite)
  if (movedTo === to.root) return to
  if (movedTo !== undefined) {
    throw new SkykeepError('CONFLICT', `the state of ${layout.root} was moved to ${movedTo}`, {
      hint: `Move it from there: SKYPILOT_PERSISTENT_PATH=${movedTo} skykeep state move ${newRoot}`,
    })
  }
  const incoming = readIncoming(to)
  if (incoming?.kind === 'move' && incoming.from === layout.root) return to
  requireWhole(to)
  requireEmpty(to)
  requireRoom(layout, to)
  return to
}

function requireEmpty(to: Layout): void {
  const known = new Set(foldersOf(to))
  const isEmpty = foldersOf(to).every((folder) =>
    readdirSync(folder).every((name) => known.has(join(folder, name)) || name === 'lost+found'),
  )
  if (isEmpty) return
  throw new SkykeepError('CONFLICT', `${to.root} is not empty`, {
    hint: 'Name a folder that does not exist yet.',
  })
}

function requireRoom(from: Layout, to: Layout): void {
  const needed = sizeOf(from.stateDb) + bulkFolders.reduce((sum, name) => sum + sizeOf(from[name]), 128 << 20)
  const { bavail, bsize } = statfsSync(to.root)
  if (bavail * bsize >= needed) return
  throw new SkykeepError(
    'STORAGE_DEGRADED',
    `${to.root} has ${Math.floor((bavail * bsize) / 2 ** 20)} MiB free, ${Math.ceil(needed / 2 ** 20)} are needed`,
    { hint: 'Free space there, or name another disk.' },
  )
}

function sizeOf(path: string): number {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return 0
  if (!stats.isDirectory()) return stats.size
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}

/** What stays: where the state went, config.yaml if it lies here, and local/ (a link, or what running nodes still use). */
function removeOld(layout: Layout): void {
  const kept = new Set([layout.movedFile, layout.moveFile, layout.localDir, join(layout.root, 'config.yaml')])
  for (const name of readdirSync(layout.root)) {
    const path = join(layout.root, name)
    const isOurs =
      [...foldersOf(layout), layout.installationFile].includes(path) ||
      name.startsWith(basename(layout.stateDb))
    if (isOurs && !kept.has(path)) rmSync(path, { recursive: true, force: true })
  }
  syncFolder(dirname(layout.movedFile))
}
