import { readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { syncFolder, writeFileAtomic } from './atomic-file.ts'
import { type Layout, layoutOf } from './layout.ts'

/** Which installation a path belongs to: what a database and a path must agree on. */
export interface PathInstallation {
  readonly installationId: string
  readonly epoch: number
}

/** Why a path is not whole: what fills it, and from where. */
export interface Incoming {
  readonly kind: 'restore' | 'move'
  /** The archive, or the old path. */
  readonly from: string
  /** Of a restore: the same in each try, so that one knows what an earlier one had begun. */
  readonly id?: string
}

/** Where the state of a path went. */
export interface Moved {
  readonly to: string
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number
}

/** The installation of a path; undefined before its first start. */
export function readPathInstallation(layout: Layout): PathInstallation | undefined {
  const { installationId, epoch } = readObject(layout.installationFile) ?? {}
  return typeof installationId === 'string' && typeof epoch === 'number'
    ? { installationId, epoch }
    : undefined
}

export function writePathInstallation(layout: Layout, { installationId, epoch }: PathInstallation): void {
  writeFileAtomic(layout.installationFile, `${JSON.stringify({ installationId, epoch })}\n`)
}

/** What fills the path, and did not come to its end; undefined: it is whole. */
export function readIncoming(layout: Layout): Incoming | undefined {
  const { kind, from, id } = readObject(layout.incomingFile) ?? {}
  if ((kind !== 'restore' && kind !== 'move') || typeof from !== 'string') return undefined
  return { kind, from, ...(typeof id === 'string' ? { id } : {}) }
}

export function writeIncoming(layout: Layout, incoming: Incoming): void {
  writeFileAtomic(layout.incomingFile, `${JSON.stringify(incoming)}\n`)
}

/** From here on the path is whole. */
export function clearIncoming(layout: Layout): void {
  rmSync(layout.incomingFile, { force: true })
  syncFolder(dirname(layout.incomingFile))
}

/** Where the state went; undefined: it is here. */
export function readMoved(layout: Layout): Moved | undefined {
  const { to, atMs } = readObject(layout.movedFile) ?? {}
  return typeof to === 'string' && typeof atMs === 'number' ? { to, atMs } : undefined
}

export function writeMoved(layout: Layout, moved: Moved): void {
  writeFileAtomic(layout.movedFile, `${JSON.stringify(moved)}\n`)
}

/** Refuses a path whose state went elsewhere. @throws CONFLICT that names the new place. */
export function requireNotMoved(layout: Layout): void {
  const moved = readMoved(layout)
  if (moved === undefined) return
  throw new SkykeepError('CONFLICT', `the state of ${layout.root} was moved to ${moved.to}`, {
    hint: `Set SKYPILOT_PERSISTENT_PATH=${moved.to}, or \`persistent_path: ${moved.to}\` in config.yaml.`,
  })
}

/** Refuses a path that is not whole. @throws CONFLICT that says what filled it and how to go on. */
export function requireWhole(layout: Layout): void {
  const incoming = readIncoming(layout)
  if (incoming === undefined) return
  if (incoming.kind === 'restore') {
    throw new SkykeepError(
      'CONFLICT',
      `a restore of ${incoming.from} into ${layout.root} did not come to its end`,
      {
        hint: `Repeat it: \`skykeep state restore ${incoming.from} --to ${layout.root}\`.`,
      },
    )
  }
  // Whoever starts here does what is left of it.
  if (readMoved(layoutOf(incoming.from))?.to === layout.root) return
  throw new SkykeepError('CONFLICT', `a move of ${incoming.from} to ${layout.root} did not come to its end`, {
    hint: `The state is still in ${incoming.from}: start there, or repeat \`skykeep state move ${layout.root}\` there.`,
  })
}

/** The path's installation must be the database's: a path that was restored or repointed never takes another one's database. @throws CONFLICT */
export function requireSameInstallation(layout: Layout, database: PathInstallation): void {
  const own = readPathInstallation(layout)
  if (own === undefined) return writePathInstallation(layout, database)
  if (own.installationId === database.installationId && own.epoch === database.epoch) return
  throw new SkykeepError(
    'CONFLICT',
    `${layout.root} belongs to installation ${own.installationId} (epoch ${own.epoch}), its database to ${database.installationId} (epoch ${database.epoch})`,
    {
      hint: 'Look at database.url in config.yaml: after a restore it must name the restored database, or be left out for SQLite under the path.',
    },
  )
}

function readObject(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    // An object that came from JSON: its keys are strings, its values unknown.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
