import { SkykeepError } from '@skykeep/core/errors'
import type { Drill } from '@skykeep/core/nouns'
import type { DrillView } from '@skykeep/core/views'
import { findRunningDrill, insertDrill } from '@skykeep/db/drills'
import type { Tx } from '@skykeep/db/handles'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'
import { livingService } from '../services/living-service.ts'
import { shownStatusOf } from '../services/service-freshness.ts'
import { drillSilenceMs, toDrillView } from './drill-view.ts'
import { readyReplicas } from './ready-replicas.ts'
import type { StartDrillInput } from './schemas.ts'

/**
 * Records that a recovery drill begins; whoever asks runs it. Throws FORBIDDEN, NOT_FOUND, and CONFLICT for a service that is not ready,
 * while another drill runs, and for the death of an only replica that nobody confirmed.
 */
export async function startDrill(context: ActionContext, input: StartDrillInput): Promise<DrillView> {
  return await toDrillView(context, await recordDrill(context, input))
}

/** The row of a drill that begins. Throws what `startDrill` throws. */
export async function recordDrill(context: ActionContext, input: StartDrillInput): Promise<Drill> {
  authorize(context.actor, 'drill:run')
  return await context.db.transaction(
    async (tx) => {
      const service = await livingService(context, tx, input.name)
      const { status, statusReason } = shownStatusOf(service, context.clock.now())
      if (status !== 'READY') throw notReady(service.name, `${status} ${statusReason}`.trim())
      if (input.target === 'replica' && !input.isConfirmed) await requireTwo(tx, service.uid)
      await requireNoOther(context, tx)
      const drill = await insertDrill(tx, {
        uid: context.ids.uid('drl'),
        serviceUid: service.uid,
        serviceName: service.name,
        target: input.target,
        repeats: input.repeats,
        startedBy: context.actor.userUid,
        expiresAtMs: context.clock.now() + drillSilenceMs,
      })
      await recordAnswer(context, tx, await toDrillView({ db: tx, clock: context.clock }, drill))
      return drill
    },
    { fence: context.fence },
  )
}

/** All services share the processes that a drill kills: two at once would count each other's deaths. */
async function requireNoOther(context: ActionContext, tx: Tx): Promise<void> {
  const running = await findRunningDrill(tx, context.clock.now())
  if (running === null) return
  throw new SkykeepError('CONFLICT', `drill ${running.uid} of ${running.serviceName} runs`, {
    userMessage: `A drill of ${running.serviceName} is running; one at a time.`,
    hint: 'Wait for its end, then ask again.',
  })
}

async function requireTwo(tx: Tx, serviceUid: string): Promise<void> {
  const ready = await readyReplicas(tx, serviceUid)
  if (ready.length >= 2) return
  throw new SkykeepError('CONFLICT', `${ready.length} ready replicas`, {
    userMessage: 'Only one replica is ready: the service answers nothing while it is replaced.',
    hint: 'Serve two replicas first, or confirm it (`--yes`).',
  })
}

function notReady(name: string, status: string): SkykeepError {
  return new SkykeepError('CONFLICT', `${name} is ${status}`, {
    userMessage: `${name} is not ready: ${status}.`,
    hint: 'A drill shows what a death costs a service that is well. See `skykeep serve status`, and drill once it is READY.',
  })
}
