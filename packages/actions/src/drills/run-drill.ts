import { SkykeepError } from '@skykeep/core/errors'
import type { DrillView } from '@skykeep/core/views'
import { finishDrill } from '@skykeep/db/drills'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { forgetAnswer } from '../idempotency/record-answer.ts'
import { toDrillView } from './drill-view.ts'
import type { StartDrillInput } from './schemas.ts'
import { recordDrill } from './start-drill.ts'

/**
 * Starts a drill as a process of its own on the control plane's machine, which outlives the death of this one. Throws what `startDrill`
 * throws, and UNAVAILABLE when the process cannot be started; the drill is then recorded as failed.
 */
export async function runDrill(context: ActionContext, input: StartDrillInput): Promise<DrillView> {
  authorize(context.actor, 'drill:run')
  const drill = await recordDrill(context, input)
  try {
    await context.launchDrill(drill)
  } catch (cause) {
    const statusReason = 'its process could not be started'
    await context.db.transaction(
      async (tx) => {
        await finishDrill(tx, drill.uid, { status: 'FAILED', statusReason, result: null })
        await forgetAnswer(context, tx)
      },
      { fence: context.fence },
    )
    throw new SkykeepError('UNAVAILABLE', `the drill's process could not be started`, {
      userMessage: 'The drill could not be started on this machine.',
      hint: `Run \`skykeep drill ${drill.serviceName} --kill ${drill.target}\` in a terminal there.`,
      cause,
    })
  }
  return await toDrillView(context, drill)
}
