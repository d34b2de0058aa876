import type { Page, ServiceSummary } from '@skykeep/core/views'
import { isAfterCursor, toPage } from '@skykeep/db/paging'
import { listServices as readServices } from '@skykeep/db/services'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { ListServicesInput } from './schemas.ts'
import { shownServices, toSummaries } from './shown-services.ts'

/** One page of the living services, newest first. A status is the shown one, so CONTROLLER_FAILED can be asked for too. */
export async function listServices(
  context: ActionContext,
  input: ListServicesInput,
): Promise<Page<ServiceSummary>> {
  authorize(context.actor, 'service:read')
  const cursor = input.cursor ?? undefined
  if (input.status !== undefined) {
    const all = await shownServices(context, input.search)
    const matching = all.filter((service) => service.status === input.status)
    const rest = matching.filter((service) => isAfterCursor(service, cursor))
    return toPage(rest, input.limit, matching.length)
  }
  const page = await readServices(context.db, {
    workspace: context.workspace,
    limit: input.limit,
    ...(input.search === undefined ? {} : { nameContains: input.search }),
    ...(cursor === undefined ? {} : { cursor }),
  })
  return { ...page, items: await toSummaries(context, page.items) }
}
