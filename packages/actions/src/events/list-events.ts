import type { EventView, Page } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { ListEventsInput } from './schemas.ts'

export async function listEvents(context: ActionContext, _input: ListEventsInput): Promise<Page<EventView>> {
  authorize(context.actor, 'event:read')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
