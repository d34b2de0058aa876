import type { RequestedView } from '@skykeep/core/views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { ask } from './ask.ts'
import type { ServiceNameInput } from './schemas.ts'

/** The end of a pause. Asking again returns the operation that is under way. Throws NOT_FOUND, CONFLICT, FENCED. */
export async function resumeService(context: ActionContext, input: ServiceNameInput): Promise<RequestedView> {
  authorize(context.actor, 'service:write')
  const message = `${context.actor.name} resumed ${input.name}.`
  return await ask(context, input.name, {
    verb: 'serve.resume',
    desireOf: (service) => (service.isPaused ? { isPaused: false, message } : null),
  })
}
