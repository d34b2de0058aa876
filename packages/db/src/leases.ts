import { assertNever, SkykeepError } from '@skykeep/core/errors'
import { appendEvent } from './events.ts'
import { Prisma } from './generated/sqlite/client.ts'
import type { LeaseHeld } from './guard.ts'
import type { Database, Db, Tx } from './handles.ts'
import type { LeaseObserver } from './lease-observer.ts'
import { fromMs } from './milliseconds.ts'
import { wake, type DrivenKind, type ReconciliationRow } from './reconciliations.ts'

/** A clock set back by more than this is noticed by the due times that were decided "in the future". */
const clockToleranceMs = 1_000
/** Runs that never came to an end after which a row is set aside (invariant 13). */
export const maxUnfinishedClaims = 3

export interface ClaimRequest {
  readonly kind: DrivenKind
  /** The process life that claims: unique for ever, never used again after a restart. */
  readonly owner: string
  readonly limit: number
  /** False: rows whose last run came to an end. True: rows whose last run did not; claim these one at a time. */
  readonly isSuspect: boolean
  /** True: a look has just said that one is due, so that none is needed first. */
  readonly isKnownDue?: boolean
  /** Remembers the leases of others between calls; one a process. */
  readonly observer: LeaseObserver
  readonly fence?: number
}

export interface Claim extends LeaseHeld {
  /** How often the row was claimed without coming to an end, this time included. */
  readonly claimCount: number
  /** Failures in a row before this run. */
  readonly failureCount: number
}

/**
 * Claims due rows in one transaction: of any number of workers each row has one winner. The claim is counted before it
 * runs; a row whose third run never came to an end is set aside with the reason instead. A row that another holds is
 * taken only when `observer` has seen its counter stand still for the length of a lease.
 */
export async function claimDue(database: Database, request: ClaimRequest): Promise<readonly Claim[]> {
  // Without a write when there is nothing to write: an idle worker costs one indexed read.
  if (request.isKnownDue !== true && !(await mayHaveWork(database, request))) return []
  const options = request.fence === undefined ? {} : { fence: request.fence }
  return database.transaction((tx) => claimIn(tx, request), options)
}

type WorkRequest = Pick<ClaimRequest, 'kind' | 'owner' | 'isSuspect'>

async function mayHaveWork(db: Db, request: WorkRequest): Promise<boolean> {
  return await hasRow(db, workRows(db, request))
}

/** Whether a row of these kinds is a suspect, or is held by another than `owner`: one look for all. */
export async function mayHaveSuspects(
  db: Db,
  { kinds, owner }: { readonly kinds: readonly DrivenKind[]; readonly owner: string },
): Promise<boolean> {
  return await hasRow(
    db,
    kinds.flatMap((kind) => workRows(db, { kind, owner, isSuspect: true })),
  )
}

function workRows(db: Db, request: WorkRequest): Prisma.ReconciliationWhereInput[] {
  return [dueRows(db, request), ...(request.isSuspect ? [heldByOthers(request)] : [])]
}

async function hasRow(db: Db, anyOf: Prisma.ReconciliationWhereInput[]): Promise<boolean> {
  const row = await db.client.reconciliation.findFirst({ where: { OR: anyOf }, select: { uid: true } })
  return row !== null
}

async function claimIn(tx: Tx, request: ClaimRequest): Promise<readonly Claim[]> {
  // A transaction that carries a fence was refused unless it is the installation's.
  const fence = tx.fence ?? (await currentFence(tx))
  if (request.isSuspect) await takeFromTheDead(tx, request, fence)
  const rows = await tx.client.reconciliation.findMany({
    where: dueRows(tx, request),
    orderBy: [{ claimCount: 'asc' }, { nextReconcileAtMs: 'asc' }, { uid: 'asc' }],
    take: request.limit,
  })
  const claims: Claim[] = []
  for (const row of rows) {
    if (row.claimCount >= maxUnfinishedClaims) await setAside(tx, row, setAsideReason(row))
    else claims.push(await claim(tx, request, row, fence))
  }
  return claims
}

function dueRows(db: Db, { kind, isSuspect }: WorkRequest): Prisma.ReconciliationWhereInput {
  return {
    kind,
    leaseOwner: null,
    setAsideReason: null,
    claimCount: isSuspect ? { gt: 0 } : 0,
    ...isDue(db),
  }
}

/** A due time that was decided in the future says that the clock was set back since: it is due, not an hour away. */
function isDue(db: Db): Prisma.ReconciliationWhereInput {
  const now = db.clock.now()
  return {
    OR: [
      { nextReconcileAtMs: { lte: fromMs(now) } },
      { nextReconcileAtMs: { not: null }, scheduledAtMs: { gt: fromMs(now + clockToleranceMs) } },
    ],
  }
}

function heldByOthers({ kind, owner }: WorkRequest): Prisma.ReconciliationWhereInput {
  return { kind, AND: [{ leaseOwner: { not: null } }, { leaseOwner: { not: owner } }] }
}

/** Frees what nobody can finish: holders below the fence, and counters that stood still (invariant 5). */
async function takeFromTheDead(tx: Tx, request: ClaimRequest, fence: number): Promise<void> {
  const held = await tx.client.reconciliation.findMany({ where: heldByOthers(request) })
  const still = request.observer.observe(request.kind, held)
  for (const row of held) {
    if (row.leaseFence < fence || still.has(row.uid)) await free(tx, row.uid)
  }
}

/** Gives the row up for its holder, due now and still counted. */
async function free(tx: Tx, uid: string): Promise<void> {
  await tx.client.reconciliation.update({ where: { uid }, data: { leaseOwner: null } })
  await wake(tx, uid)
}

async function claim(tx: Tx, request: ClaimRequest, row: ReconciliationRow, fence: number): Promise<Claim> {
  const claimed = await tx.client.reconciliation.update({
    where: { uid: row.uid },
    data: {
      leaseOwner: request.owner,
      leaseToken: { increment: 1 },
      leaseFence: fence,
      leaseCounter: { increment: 1 },
      leaseSeenAtMs: fromMs(tx.clock.now()),
      claimCount: { increment: 1 },
      // A wake-up during the run sets it again, so that none is lost.
      nextReconcileAtMs: null,
    },
  })
  const { claimCount, failureCount, leaseToken } = claimed
  return { kind: request.kind, uid: row.uid, token: leaseToken, claimCount, failureCount }
}

/** Moves the counters of held leases. @returns those that are not held any more. */
export async function renew(tx: Tx, leases: readonly LeaseHeld[]): Promise<readonly LeaseHeld[]> {
  const lost: LeaseHeld[] = []
  for (const lease of leases) {
    const { count } = await tx.client.reconciliation.updateMany({
      where: heldRow(lease),
      data: { leaseCounter: { increment: 1 }, leaseSeenAtMs: fromMs(tx.clock.now()) },
    })
    if (count === 0) lost.push(lease)
  }
  return lost
}

const failureReasonMax = 500

export interface Release {
  /** Milliseconds until the row is due again; null: only when it is woken. A wake-up that came meanwhile is kept. */
  readonly requeueAfterMs: number | null
  /** True: one more failure in a row; false: none. */
  readonly isFailed: boolean
  /** What it failed with, for people; kept to 500 characters. */
  readonly failureReason?: string
}

/** Ends a run and gives the row back. @throws STALE_LEASE when it was not held any more; nothing was written. */
export async function release(
  tx: Tx,
  lease: LeaseHeld,
  { requeueAfterMs, isFailed, failureReason = '' }: Release,
): Promise<void> {
  const row = await tx.client.reconciliation.findFirst({
    where: heldRow(lease),
    select: { nextReconcileAtMs: true },
  })
  if (row === null) throw staleLease(lease)
  const now = tx.clock.now()
  // Another's wake-up is due now whatever this run asks for.
  const isWoken = row.nextReconcileAtMs !== null
  const due = isWoken ? now : requeueAfterMs === null ? null : now + Math.max(0, requeueAfterMs)
  await tx.client.reconciliation.update({
    where: { uid: lease.uid },
    data: {
      leaseOwner: null,
      leaseSeenAtMs: fromMs(now),
      claimCount: 0,
      failureCount: isFailed ? { increment: 1 } : 0,
      failureReason: isFailed ? failureReason.slice(0, failureReasonMax) : null,
      nextReconcileAtMs: due === null ? null : fromMs(due),
      scheduledAtMs: fromMs(now),
    },
  })
}

/**
 * Takes a claimed row out of the loop until it is brought back, with the reason in sight. @throws STALE_LEASE
 */
export async function setAsideClaim(tx: Tx, lease: LeaseHeld, reason: string): Promise<void> {
  const row = await tx.client.reconciliation.findFirst({ where: heldRow(lease) })
  if (row === null) throw staleLease(lease)
  await setAside(tx, row, reason)
}

async function setAside(tx: Tx, row: ReconciliationRow, reason: string): Promise<void> {
  await tx.client.reconciliation.update({
    where: { uid: row.uid },
    data: { setAsideReason: reason, leaseOwner: null, nextReconcileAtMs: null },
  })
  await appendEvent(tx, {
    kind: row.kind,
    uid: row.uid,
    serviceName: await serviceNameOf(tx, row),
    type: 'row.set-aside',
    reason: 'UNFINISHED_RUNS',
    message: reason,
    payload: { claimCount: row.claimCount },
  })
}

export interface DeadOwners {
  /** True for an owner whose process is proven gone. */
  readonly isDead: (owner: string) => boolean
  /** False: the death was not the rows' doing (a reboot, a stop by hand): the claim is not counted (invariant 19). */
  readonly isCharged: boolean
}

/** Frees the rows of processes that are proven dead, at once, without waiting for their leases. @returns how many. */
export async function breakLeases(tx: Tx, { isDead, isCharged }: DeadOwners): Promise<number> {
  const held = await tx.client.reconciliation.findMany({ where: { leaseOwner: { not: null } } })
  const dead = held.filter((row) => row.leaseOwner !== null && isDead(row.leaseOwner))
  for (const row of dead) {
    await free(tx, row.uid)
    const claimCount = isCharged ? row.claimCount : Math.max(0, row.claimCount - 1)
    await tx.client.reconciliation.update({ where: { uid: row.uid }, data: { claimCount } })
  }
  return dead.length
}

/**
 * For each of these kinds that has a free row with a due time: milliseconds until the soonest is due, 0 when one is. One look for all, since
 * the engine asks after every commit.
 */
export async function dueInMs(
  db: Db,
  kinds: readonly DrivenKind[],
): Promise<ReadonlyMap<DrivenKind, number>> {
  if (kinds.length === 0) return new Map()
  const now = db.clock.now()
  // Words of a closed set, written out: a parameter is text to PostgreSQL, and no enum.
  const listed = Prisma.raw(kinds.map((kind) => `'${kind}'`).join(', '))
  const rows = await db.client.$queryRaw<{ readonly kind: DrivenKind; readonly due: bigint | number }[]>`
    SELECT kind, MIN(CASE WHEN scheduled_at_ms > ${fromMs(now + clockToleranceMs)} THEN 0 ELSE next_reconcile_at_ms END) AS due
    FROM reconciliations
    WHERE kind IN (${listed}) AND next_reconcile_at_ms > -1 AND lease_owner IS NULL AND set_aside_reason IS NULL
    GROUP BY kind`
  return new Map(rows.map(({ kind, due }) => [kind, Math.max(0, Number(due) - now)]))
}

/** Makes every free row of these kinds that is due at any time due within the window, evenly spread (invariant 14). */
export async function spreadDue(tx: Tx, kinds: readonly DrivenKind[], windowMs: number): Promise<void> {
  const rows = await tx.client.reconciliation.findMany({
    where: {
      kind: { in: [...kinds] },
      leaseOwner: null,
      setAsideReason: null,
      nextReconcileAtMs: { not: null },
    },
    orderBy: { uid: 'asc' },
    select: { uid: true },
  })
  const now = tx.clock.now()
  for (const [index, { uid }] of rows.entries()) {
    const dueMs = now + (windowMs * index) / rows.length
    await tx.client.reconciliation.update({
      where: { uid },
      data: { nextReconcileAtMs: fromMs(dueMs), scheduledAtMs: fromMs(now) },
    })
  }
}

function heldRow({ kind, uid, token }: LeaseHeld): Prisma.ReconciliationWhereInput {
  return { kind, uid, leaseToken: token, leaseOwner: { not: null } }
}

function staleLease(lease: LeaseHeld): SkykeepError {
  return new SkykeepError(
    'STALE_LEASE',
    `${lease.kind} ${lease.uid}: claim ${lease.token} is not held any more`,
  )
}

function setAsideReason(row: ReconciliationRow): string {
  return `${row.kind} ${row.uid}: ${row.claimCount} runs in a row never came to an end: the worker died in each`
}

async function currentFence(tx: Tx): Promise<number> {
  const row = await tx.client.installation.findUnique({ where: { id: 1 }, select: { fence: true } })
  return row?.fence ?? 0
}

async function serviceNameOf(tx: Tx, { kind, uid }: ReconciliationRow): Promise<string> {
  const where = { uid }
  switch (kind) {
    case 'service':
      return (await tx.client.service.findUnique({ where, select: { name: true } }))?.name ?? ''
    case 'replica':
      return (await tx.client.replica.findUnique({ where, select: { serviceName: true } }))?.serviceName ?? ''
    case 'operation':
      return (await tx.client.operation.findUnique({ where, select: { targetName: true } }))?.targetName ?? ''
    default:
      return assertNever(kind)
  }
}
