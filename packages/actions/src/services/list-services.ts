import type { Page, ServiceSummary } from '@skykeep/core/views'
import { isAfterCursor, toPage } from '@skykeep/db/paging'
import { listServices as readServices } from '@skykeep/db/services'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { ListServicesInput } from './schemas.ts'
import { pageAt, sortedServices } from './sorted-services.ts'
import { shownServices, toSummaries } from './shown-services.ts'

/** One page of the living services, newest first or as asked. A status is the shown one, so CONTROLLER_FAILED can be asked for too. */
export async function listServices(
  context: ActionContext,
  input: ListServicesInput,
): Promise<Page<ServiceSummary>> {
  authorize(context.actor, 'service:read')
  const cursor = input.cursor ?? undefined
  if (input.status !== undefined || input.sort !== undefined) {
    const all = await shownServices(context, input.search)
    const { status } = input
    const matching = status === undefined ? all : all.filter((service) => service.status === status)
    if (input.sort !== undefined) return pageAt(sortedServices(matching, input.sort), input.limit, cursor)
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
