import { z } from 'zod'
import { SkykeepError } from '@skykeep/core/errors'
import { appendEvent } from '@skykeep/db/events'
import { bringBack, listSetAside } from '@skykeep/db/reconciliations'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'

export const bringRowBackInput = z.object({ uid: z.string().min(1).max(128) })

/** Takes one row that was set aside back into the loop. Throws NOT_FOUND where no such row is set aside, FENCED. */
export async function bringRowBack(
  context: ActionContext,
  { uid }: z.output<typeof bringRowBackInput>,
): Promise<{ readonly uid: string }> {
  authorize(context.actor, 'service:write')
  const { actor } = context
  return await context.db.transaction(
    async (tx) => {
      const row = (await listSetAside(tx)).find((each) => each.uid === uid)
      if (row === undefined) {
        throw new SkykeepError('NOT_FOUND', `no row ${uid} is set aside`, {
          userMessage: 'That row is not set aside: nothing is to be tried again.',
          hint: 'Look at `skykeep system status`.',
        })
      }
      await bringBack(tx, uid)
      await appendEvent(tx, {
        kind: row.kind,
        uid,
        type: 'row.set-aside',
        reason: 'BROUGHT_BACK',
        message: `${actor.name} had ${row.kind} ${uid} tried again.`,
        actor: actor.userUid,
      })
      return await recordAnswer(context, tx, { uid })
    },
    { fence: context.fence },
  )
}
