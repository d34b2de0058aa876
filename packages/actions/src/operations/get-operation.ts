import { SkykeepError } from '@skykeep/core/errors'
import type { OperationDetailView } from '@skykeep/core/views'
import { listEvents } from '@skykeep/db/events'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { operationOf } from './operation-of.ts'
import { toOperationViews } from './operation-view.ts'
import type { OperationUidInput } from './schemas.ts'

const eventsMax = 200

/** One operation with the events of its own row, oldest first, at most the latest 200. Throws NOT_FOUND. */
export async function getOperation(
  context: ActionContext,
  input: OperationUidInput,
): Promise<OperationDetailView> {
  authorize(context.actor, 'operation:read')
  const operation = await operationOf(context, context.db, input.uid)
  const [view] = await toOperationViews(context.db, [operation])
  if (view === undefined) throw new SkykeepError('INTERNAL', `no view of operation ${input.uid}`)
  const events = await listEvents(context.db, { uid: input.uid, limit: eventsMax })
  return { ...view, events: events.toReversed() }
}
