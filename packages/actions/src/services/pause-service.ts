import type { RequestedView } from '@skykeep/core/views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { ask } from './ask.ts'
import type { ServiceNameInput } from './schemas.ts'

/**
 * Planned down time: no replica runs, the endpoint stays and says so. Asking again returns the operation that is under way. Throws
 * NOT_FOUND, CONFLICT, FENCED.
 */
export async function pauseService(context: ActionContext, input: ServiceNameInput): Promise<RequestedView> {
  authorize(context.actor, 'service:write')
  const message = `${context.actor.name} paused ${input.name}.`
  return await ask(context, input.name, {
    verb: 'serve.pause',
    desireOf: (service) => (service.isPaused ? null : { isPaused: true, message }),
  })
}
