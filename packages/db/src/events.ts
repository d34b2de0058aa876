import { SkykeepError } from '@skykeep/core/errors'
import type { EventPayload, EventType, SkykeepEvent } from '@skykeep/core/events'
import { whereOf, type EventFilter } from './event-filter.ts'
import type { Kind } from '@skykeep/core/statuses'
import type { Prisma } from './generated/sqlite/client.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs } from './milliseconds.ts'
import type { NewEvent } from './new-event.ts'

export type { Because, NewEvent } from './new-event.ts'

/**
 * Appends to the log, in the transaction of the change that it tells of. The number is taken from one counter row, whose
 * lock is held until the commit: whoever sees a number sees every lower one.
 * @returns the number.
 */
export async function appendEvent(tx: Tx, event: NewEvent): Promise<number> {
  const { lastSeq: seq } = await tx.client.eventSequence.upsert({
    where: { id: 1 },
    create: { id: 1, lastSeq: 1 },
    update: { lastSeq: { increment: 1 } },
    select: { lastSeq: true },
  })
  await tx.client.event.create({
    data: {
      seq,
      atMs: fromMs(tx.clock.now()),
      kind: event.kind,
      uid: event.uid,
      serviceName: event.serviceName ?? '',
      type: event.type,
      from: event.from ?? null,
      to: event.to ?? null,
      reason: event.reason ?? '',
      message: event.message ?? '',
      // A payload is JSON by its type; Prisma only asks for a mutable one.
      payload: (event.payload ?? {}) as Prisma.InputJsonObject,
      cause: event.cause ?? '',
      actor: event.actor ?? 'controller',
    },
    select: { seq: true },
  })
  tx.appended?.push(event)
  return seq
}

/**
 * Reads the log: oldest first with `afterSeq`, else newest first.
 * @throws CURSOR_TOO_OLD when `afterSeq` lies below what retention has kept: list the rows again.
 */
export async function listEvents(db: Db, filter: EventFilter = {}): Promise<SkykeepEvent[]> {
  const { afterSeq } = filter
  const rows = await db.client.event.findMany({
    where: whereOf(filter),
    orderBy: { seq: afterSeq === undefined ? 'desc' : 'asc' },
    take: Math.min(Math.max(Math.trunc(filter.limit ?? 100), 1), 1000),
  })
  // Asked after the rows: what retention removed in between is noticed too.
  if (afterSeq !== undefined) await checkCursor(db, afterSeq)
  return rows.map(toEvent)
}

/** The operation that last changed what is wanted of a row; empty where none did. */
export async function lastWishOf(db: Db, uid: string): Promise<string> {
  const row = await db.client.event.findFirst({
    where: { uid, cause: { startsWith: 'op_' } },
    orderBy: { seq: 'desc' },
    select: { cause: true },
  })
  return row?.cause ?? ''
}

/** The events of those numbers that are kept, oldest first. */
export async function findEvents(db: Db, seqs: readonly number[]): Promise<SkykeepEvent[]> {
  const found: SkykeepEvent[] = []
  for (let first = 0; first < seqs.length; first += numbersAtOnce) {
    const rows = await db.client.event.findMany({
      where: { seq: { in: seqs.slice(first, first + numbersAtOnce) } },
    })
    found.push(...rows.map(toEvent))
  }
  return found.toSorted((a, b) => a.seq - b.seq)
}

/** Databases take a bounded number of values in one list. */
const numbersAtOnce = 500

async function checkCursor(db: Db, afterSeq: number): Promise<void> {
  const { floorSeq } = await eventBounds(db)
  if (afterSeq >= floorSeq) return
  throw new SkykeepError('CURSOR_TOO_OLD', `events up to ${floorSeq} are gone, asked after ${afterSeq}`, {
    userMessage: 'The history from that point on is not kept any more.',
    hint: 'List again and go on from the newest event.',
  })
}

/** Of each row of these kinds the first event after a number that changed its status, or created it. */
export async function firstChangesAfter(
  db: Db,
  seq: number,
  kinds: readonly Kind[],
): Promise<SkykeepEvent[]> {
  const groups = await db.client.event.groupBy({
    by: ['uid'],
    where: {
      seq: { gt: seq },
      kind: { in: [...kinds] },
      type: { in: ['status.changed', 'replica.created'] satisfies EventType[] },
    },
    _min: { seq: true },
  })
  return await findEvents(
    db,
    groups.flatMap(({ _min }) => (_min.seq === null ? [] : [_min.seq])),
  )
}

/** The last event at or before a time, and the first one that is kept; null where there is none. */
export async function eventsAround(
  db: Db,
  atMs: number,
): Promise<{ readonly last: SkykeepEvent | null; readonly first: SkykeepEvent | null }> {
  const last = await db.client.event.findFirst({
    where: { atMs: { lte: fromMs(atMs) } },
    orderBy: [{ atMs: 'desc' }, { seq: 'desc' }],
  })
  const first = await db.client.event.findFirst({ orderBy: { seq: 'asc' } })
  return { last: last && toEvent(last), first: first && toEvent(first) }
}

export interface EventBounds {
  /** Highest number given; 0 before the first. */
  readonly lastSeq: number
  /** Highest number that retention removed; 0 when all are kept. */
  readonly floorSeq: number
}

/** Read it before listing rows: watching from `lastSeq` then misses nothing. */
export async function eventBounds(db: Db): Promise<EventBounds> {
  const row = await db.client.eventSequence.findUnique({
    where: { id: 1 },
    select: { lastSeq: true, floorSeq: true },
  })
  return row ?? { lastSeq: 0, floorSeq: 0 }
}

/** Counted, not reckoned from the numbers: a restore leaves a gap in them. */
export async function countEvents(db: Db): Promise<number> {
  return await db.client.event.count()
}

/** Events that one call removes at most. */
const pruneBatch = 500

/**
 * The number up to which events may go now: those beyond the newest `keep`, and the oldest ones from before a wall time; at most 500 of
 * them. Null: none may. By rows, not by numbers: a restore leaves a gap.
 */
export async function prunableSeq(
  db: Db,
  keep: number,
  beforeMs: number | null = null,
): Promise<number | null> {
  const { lastSeq, floorSeq } = await eventBounds(db)
  const isCrowded = lastSeq - floorSeq > Math.max(keep, 0)
  if (!isCrowded && beforeMs === null) return null
  const { event } = db.client
  const oldest = await event.findMany({
    where: { seq: { gt: floorSeq } },
    orderBy: { seq: 'asc' },
    take: pruneBatch,
    select: { seq: true, atMs: true },
  })
  const newestToGo = isCrowded
    ? await event.findFirst({ orderBy: { seq: 'desc' }, skip: Math.max(keep, 0), select: { seq: true } })
    : null
  // One young event ends the run of old ones: a clock that once stood wrong takes little with it.
  const young = oldest.findIndex(({ atMs }) => beforeMs === null || toMs(atMs) >= beforeMs)
  const old = young === -1 ? oldest.at(-1) : oldest[young - 1]
  const surplus = oldest.findLast(({ seq }) => newestToGo !== null && seq <= newestToGo.seq)
  const through = Math.max(old?.seq ?? 0, surplus?.seq ?? 0)
  return through === 0 ? null : through
}

/** Removes what `prunableSeq` names and raises the retention floor. @returns how many went: at most 500 a call. */
export async function pruneEvents(tx: Tx, keep: number, beforeMs: number | null = null): Promise<number> {
  const through = await prunableSeq(tx, keep, beforeMs)
  if (through === null) return 0
  const { count } = await tx.client.event.deleteMany({ where: { seq: { lte: through } } })
  await tx.client.eventSequence.update({ where: { id: 1 }, data: { floorSeq: through } })
  return count
}

function toEvent(row: Prisma.EventGetPayload<object>): SkykeepEvent {
  return {
    seq: row.seq,
    atMs: toMs(row.atMs),
    kind: row.kind,
    uid: row.uid,
    serviceName: row.serviceName,
    // Written by appendEvent only, which takes nothing but these.
    type: row.type as EventType,
    from: row.from,
    to: row.to,
    reason: row.reason,
    message: row.message,
    payload: row.payload as EventPayload,
    cause: row.cause,
    actor: row.actor,
  }
}
