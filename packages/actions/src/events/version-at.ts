import type { SkykeepEvent } from '@skykeep/core/events'
import type { Service } from '@skykeep/core/nouns'
import { listEvents } from '@skykeep/db/events'
import type { Db } from '@skykeep/db/handles'
import { findRolloutOf, listRollouts } from '@skykeep/db/rollouts'

export interface Moment {
  readonly atMs: number
  /** The last event until then; 0: none was. */
  readonly seq: number
  /** Highest number that retention removed. */
  readonly floorSeq: number
  /** The oldest event that is kept. */
  readonly first: SkykeepEvent | null
}

export interface VersionThen {
  /** Null: nothing that is kept tells. */
  readonly desiredVersion: number | null
  /** Why it is null, for a person; null where it is not. */
  readonly desiredVersionReason: string | null
}

const firstVersion = 1
const rolloutsLookedAt = 100

/**
 * The version that was wanted of a service at a moment at which it was: the last wish written until then, else what can be told without
 * it. Throws CURSOR_TOO_OLD where retention removes events meanwhile.
 */
export async function versionAt(db: Db, service: Service, moment: Moment): Promise<VersionThen> {
  const desiredVersion = await knownVersion(db, service, moment)
  if (desiredVersion !== null) return { desiredVersion, desiredVersionReason: null }
  const since = moment.first === null ? 'now' : new Date(moment.first.atMs).toISOString()
  return {
    desiredVersion,
    desiredVersionReason: `the log is kept from ${since} on, and no rollout from before is kept either`,
  }
}

async function knownVersion(db: Db, service: Service, moment: Moment): Promise<number | null> {
  const { uid } = service
  const { seq, floorSeq } = moment
  const wishes = { uid, types: ['service.desired' as const], limit: 1 }
  const told = versionOf((await listEvents(db, { ...wishes, beforeSeq: seq + 1 }))[0])
  if (told !== null) return told
  const [next] = await listEvents(db, { ...wishes, afterSeq: seq })
  // Nobody has wished anything since.
  if (next === undefined) return service.desiredVersion
  const [oldest] = await listEvents(db, { uid, types: ['status.changed'], limit: 1, afterSeq: floorSeq })
  // Its whole life is kept, and nobody had wished anything until then: it is what it was brought up with.
  if (oldest?.from === null) return firstVersion
  return await versionByRollouts(db, service, { atMs: moment.atMs, next })
}

/** Rollouts outlive the events that tell of them: the last one from before is what was wanted, unless it had been cancelled. */
async function versionByRollouts(
  db: Db,
  { uid }: Service,
  { atMs, next }: { readonly atMs: number; readonly next: SkykeepEvent },
): Promise<number | null> {
  const last = (await listRollouts(db, uid, rolloutsLookedAt)).find(({ createdAtMs }) => createdAtMs <= atMs)
  if (last !== undefined) {
    const wasCancelled = last.isCancelled && next.cause !== last.operationUid
    return wasCancelled ? last.fromVersion : last.toVersion
  }
  // A wish that is no rollout leaves the version as it was.
  return (await findRolloutOf(db, next.cause)) === null ? versionOf(next) : null
}

function versionOf(wish: SkykeepEvent | undefined): number | null {
  const version = wish?.payload['desiredVersion']
  return typeof version === 'number' ? version : null
}
