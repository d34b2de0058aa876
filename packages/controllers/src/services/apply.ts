import { assertNever } from '@skykeep/core/errors'
import type { Rollout, Service } from '@skykeep/core/nouns'
import { findAutoscalerState, insertScalingDecision, saveAutoscalerState } from '@skykeep/db/autoscaling'
import { causeOfEvent } from '@skykeep/core/event-cause'
import { appendEvent, lastWishOf } from '@skykeep/db/events'
import type { LeaseHeld } from '@skykeep/db/guard'
import type { Tx } from '@skykeep/db/handles'
import { insertReplica, setReplicaUnwanted } from '@skykeep/db/replicas'
import { getRollout, updateRollout } from '@skykeep/db/rollouts'
import { getServiceVersion } from '@skykeep/db/service-versions'
import { getService, updateService } from '@skykeep/db/services'
import { saveSpotLocation } from '@skykeep/db/spot-locations'
import { transition } from '@skykeep/db/transition'
import { wakeOperations, write, type ControllerContext } from '../context.ts'
import type { ServiceStep } from './facts.ts'

export interface Decided {
  readonly service: Service
  readonly rollout: Rollout | null
  readonly steps: readonly ServiceStep[]
}

interface Run {
  readonly service: Service
  readonly rollout: Rollout | null
  readonly lease: LeaseHeld
  /** Why, for the events: uid of an operation, or an event; empty where neither is known. */
  readonly cause: string
}

/** Writes what was decided in one transaction; nothing when there is nothing to write. @throws STALE_LEASE, FENCED */
export async function applyDecision(
  context: ControllerContext,
  { service, rollout, steps }: Decided,
  lease: LeaseHeld,
): Promise<void> {
  const isSeen = service.observedGeneration >= service.generation
  const news = steps.filter((step) => step.type !== 'roll-on' || isRollNews(step, rollout))
  if (news.length === 0 && isSeen) return
  await write(context, async (tx) => {
    if (!(await isAsSeen(tx, service, rollout))) return
    if (!isSeen) await updateService(tx, service.uid, { observedGeneration: service.generation }, { lease })
    // What a person asked for explains the first look after it; what was scaled explains the replicas made for it.
    let cause = rollout?.operationUid ?? (isSeen ? '' : await lastWishOf(tx, service.uid))
    for (const step of news) {
      const scaled = await applyStep(context, tx, { run: { service, rollout, lease, cause }, step })
      if (scaled !== null) cause = causeOfEvent(scaled)
    }
    if (!isSeen || news.some(isTelling)) await wakeOperations(tx, service.uid)
  })
}

/**
 * False when a person asked for something else, or cancelled the rollout, since they were read: nothing is written that came of what was
 * wanted before. Asking has made the row due, so the next look decides anew.
 */
async function isAsSeen(tx: Tx, service: Service, rollout: Rollout | null): Promise<boolean> {
  if ((await getService(tx, service.uid)).generation !== service.generation) return false
  return rollout === null || (await getRollout(tx, rollout.uid)).isCancelled === rollout.isCancelled
}

/** Counters alone tell nobody anything. */
function isTelling({ type }: ServiceStep): boolean {
  return type !== 'roll-on' && type !== 'save-autoscaler'
}

function isRollNews(
  { decision: { progress }, gate }: Extract<ServiceStep, { type: 'roll-on' }>,
  rollout: Rollout | null,
): boolean {
  if (rollout === null) return false
  return (
    progress.step !== rollout.step ||
    progress.stepMs !== rollout.stepMs ||
    progress.stalledMs !== rollout.stalledMs ||
    progress.readyPeak !== rollout.readyPeak ||
    gate?.verdict !== rollout.gate?.verdict
  )
}

/** Returns the number of the event that the steps after it are because of, or null. */
async function applyStep(
  context: ControllerContext,
  tx: Tx,
  { run, step }: { readonly run: Run; readonly step: ServiceStep },
): Promise<number | null> {
  const { service, lease } = run
  const { uid } = service
  switch (step.type) {
    case 'observe':
      await updateService(tx, uid, step.seen, { lease })
      return null
    case 'scale':
      return await applyScale(context, tx, { run, step })
    case 'save-autoscaler':
      await applyAutoscaler(tx, { run, step })
      return null
    case 'create-replicas':
      await createReplicas(context, tx, { run, step })
      return null
    case 'unwant':
      for (const replicaUid of step.uids) await setReplicaUnwanted(tx, replicaUid, step.reason, { lease })
      return null
    case 'note-location':
      await saveSpotLocation(tx, uid, step.location, { lease })
      return null
    case 'roll-on':
      await applyRoll(tx, { run, step })
      return null
    case 'end-rollout': {
      const { to, reason, message } = step
      const cause = run.rollout?.operationUid ?? ''
      await transition(tx, { kind: 'rollout', uid: step.uid, to, reason, message, cause, lease })
      return null
    }
    case 'release-endpoint':
      await transition(tx, { kind: 'endpoint', uid, to: 'RELEASED', reason: 'SERVICE_DOWN', lease })
      return null
    case 'set-status': {
      const { to, reason, message } = step
      await transition(tx, { kind: 'service', uid, to, reason, message, lease })
      return null
    }
    default:
      return assertNever(step)
  }
}

interface StepOf<T extends ServiceStep['type']> {
  readonly run: Run
  readonly step: Extract<ServiceStep, { type: T }>
}

async function applyScale(
  context: ControllerContext,
  tx: Tx,
  { run: { service, cause }, step: { fromReplicas, target } }: StepOf<'scale'>,
): Promise<number> {
  const { reason, message, terms } = target
  return await insertScalingDecision(tx, {
    cause,
    decision: {
      uid: context.ids.uid('dec'),
      serviceUid: service.uid,
      fromReplicas,
      toReplicas: target.goal.total,
      reason,
      message,
      terms,
    },
    serviceName: service.name,
  })
}

async function applyAutoscaler(
  tx: Tx,
  { run: { service, lease }, step: { state, isChange } }: StepOf<'save-autoscaler'>,
): Promise<void> {
  const before = await findAutoscalerState(tx, service.uid)
  const now = tx.clock.now()
  const changedAtMs = isChange || before === null ? now : before.changedAtMs
  await saveAutoscalerState(
    tx,
    { serviceUid: service.uid, ...state, tickedAtMs: now, changedAtMs },
    { lease },
  )
}

async function createReplicas(
  context: ControllerContext,
  tx: Tx,
  { run: { service, lease, cause }, step: { version, offers } }: StepOf<'create-replicas'>,
): Promise<void> {
  const { uid, name } = service
  const { spec } = await getServiceVersion(tx, uid, version)
  const { infra } = spec.task.resources
  for (const offer of offers) {
    await insertReplica(tx, {
      uid: context.ids.uid('rep'),
      service: { uid, name },
      version,
      infra,
      lease,
      cause,
      ...(offer === null ? {} : { offer }),
    })
  }
}

async function applyRoll(
  tx: Tx,
  { run: { service, rollout, lease }, step: { uid, decision, gate } }: StepOf<'roll-on'>,
): Promise<void> {
  const { progress } = decision
  await updateRollout(tx, uid, { ...progress, ...(gate === null ? {} : { gate }) }, { lease })
  if (rollout === null || progress.step === rollout.step) return
  await appendEvent(tx, {
    kind: 'rollout',
    uid,
    serviceName: service.name,
    type: 'rollout.progress',
    reason: 'NEXT_STEP',
    message: stepMessage(rollout, progress.step),
    payload: { step: progress.step, ...(gate === null ? {} : { gate: { ...gate } }) },
    cause: rollout.operationUid,
  })
}

function stepMessage({ mode, toVersion, settings }: Rollout, step: number): string {
  if (mode === 'blue_green') return `every request goes to version ${toVersion} now`
  const percent = settings.canary.stepPercents[step]
  return percent === undefined
    ? `version ${toVersion} passed its last step: every replica is replaced`
    : `version ${toVersion} gets ${percent} % of the requests`
}
