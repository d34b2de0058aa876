import { isSkykeepError, SkykeepError } from '@skykeep/core/errors'
import type { OperationDetailView } from '@skykeep/core/views'
import { listEvents } from '@skykeep/db/events'
import { getOperation as readOperation } from '@skykeep/db/operations'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { toOperationViews } from './operation-view.ts'
import type { OperationUidInput } from './schemas.ts'

const eventsMax = 200

/** One operation with the events of its own row, oldest first, at most the latest 200. Throws NOT_FOUND. */
export async function getOperation(
  context: ActionContext,
  input: OperationUidInput,
): Promise<OperationDetailView> {
  authorize(context.actor, 'operation:read')
  const operation = await readOperation(context.db, input.uid).catch((error: unknown) => {
    if (!isSkykeepError(error, 'NOT_FOUND')) throw error
    return null
  })
  const [view] =
    operation?.workspace === context.workspace ? await toOperationViews(context.db, [operation]) : []
  if (view === undefined) {
    throw new SkykeepError('NOT_FOUND', `no operation ${JSON.stringify(input.uid)}`, {
      userMessage: 'There is no such operation.',
      hint: 'Run `skykeep ops` to see the operations that there are.',
    })
  }
  const events = await listEvents(context.db, { uid: input.uid, limit: eventsMax })
  return { ...view, events: events.toReversed() }
}
