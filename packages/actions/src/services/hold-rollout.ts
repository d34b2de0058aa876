import { SkykeepError } from '@skykeep/core/errors'
import type { Rollout } from '@skykeep/core/nouns'
import { findRunningRollout, getRollout, setRolloutPaused } from '@skykeep/db/rollouts'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'
import { toRolloutView } from './rollout-view.ts'
import type { HoldRolloutInput } from './schemas.ts'
import { serviceToChange } from './service-to-change.ts'

/**
 * Holds the rollout that is under way where it is, or lets it go on; asking again changes nothing. Throws NOT_FOUND, CONFLICT (none is
 * under way, or it rolls back, which nobody holds), FENCED.
 */
export async function holdRollout(context: ActionContext, input: HoldRolloutInput): Promise<Rollout> {
  authorize(context.actor, 'service:write')
  const { actor, fence } = context
  return await context.db.transaction(
    async (tx) => {
      const answer = async (held: Rollout): Promise<Rollout> =>
        await recordAnswer(context, tx, await toRolloutView(tx, held))
      const service = await serviceToChange(context, tx, input.name)
      const rollout = await findRunningRollout(tx, service.uid)
      if (rollout === null || rollout.status !== 'PROGRESSING') throw nothingToHold(service.name, rollout)
      if (rollout.isPaused === input.isHeld) return await answer(rollout)
      const { uid, operationUid } = rollout
      await setRolloutPaused(tx, uid, { isPaused: input.isHeld, cause: operationUid, actor: actor.userUid })
      return await answer(await getRollout(tx, uid))
    },
    { fence },
  )
}

function nothingToHold(name: string, rollout: Rollout | null): SkykeepError {
  const why = rollout === null ? 'has no rollout under way' : 'is rolling back already'
  return new SkykeepError('CONFLICT', `service ${name} ${why}`, {
    userMessage: `${name} ${why}, so there is nothing to hold.`,
    hint: `Run \`skykeep serve history ${name}\` to see its rollouts.`,
  })
}
