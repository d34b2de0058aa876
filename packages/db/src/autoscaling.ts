import type { EventPayload } from '@skykeep/core/events'
import type { AutoscalerState, ScalingDecision } from '@skykeep/core/nouns'
import { appendEvent, type Because } from './events.ts'
import type { Prisma } from './generated/sqlite/client.ts'
import { checkGuard, type Guard } from './guard.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, fromMsOrNull, toMs, toMsOrNull } from './milliseconds.ts'

/** Null before the autoscaler of the service has decided for the first time. */
export async function findAutoscalerState(db: Db, serviceUid: string): Promise<AutoscalerState | null> {
  const row = await db.client.autoscalerState.findUnique({ where: { serviceUid } })
  if (row === null) return null
  return { ...row, tickedAtMs: toMsOrNull(row.tickedAtMs), changedAtMs: toMsOrNull(row.changedAtMs) }
}

/** @throws STALE_LEASE */
export async function saveAutoscalerState(tx: Tx, state: AutoscalerState, guard: Guard = {}): Promise<void> {
  await checkGuard(tx, guard)
  const { serviceUid, tickedAtMs, changedAtMs, ...counts } = state
  const data = { ...counts, tickedAtMs: fromMsOrNull(tickedAtMs), changedAtMs: fromMsOrNull(changedAtMs) }
  await tx.client.autoscalerState.upsert({
    where: { serviceUid },
    create: { serviceUid, ...data },
    update: data,
  })
}

export interface NewScalingDecision extends Because {
  readonly decision: Omit<ScalingDecision, 'atMs'>
  readonly serviceName: string
}

/** Stores a change of mind with its terms, and its event. @returns the number of the event. */
export async function insertScalingDecision(
  tx: Tx,
  { decision, serviceName, ...because }: NewScalingDecision,
): Promise<number> {
  await tx.client.scalingDecision.create({
    data: {
      ...decision,
      atMs: fromMs(tx.clock.now()),
      // Terms are JSON by their type; Prisma only asks for a mutable one.
      terms: decision.terms as Prisma.InputJsonObject,
      termsVersion: 1,
    },
  })
  return await appendEvent(tx, {
    kind: 'service',
    uid: decision.serviceUid,
    serviceName,
    type: 'service.scaled',
    from: String(decision.fromReplicas),
    to: String(decision.toReplicas),
    reason: decision.reason,
    message: decision.message,
    payload: decision.terms,
    ...because,
  })
}

/** Newest first. @param limit 1 to 200; default 50. */
export async function listScalingDecisions(
  db: Db,
  serviceUid: string,
  limit = 50,
): Promise<ScalingDecision[]> {
  const rows = await db.client.scalingDecision.findMany({
    where: { serviceUid },
    orderBy: [{ atMs: 'desc' }, { uid: 'desc' }],
    take: Math.min(Math.max(Math.trunc(limit), 1), 200),
  })
  return rows.map(toDecision)
}

function toDecision({
  termsVersion: _termsVersion,
  terms,
  ...row
}: Prisma.ScalingDecisionGetPayload<object>): ScalingDecision {
  // Terms are written by insertScalingDecision only.
  return { ...row, atMs: toMs(row.atMs), terms: terms as EventPayload }
}
