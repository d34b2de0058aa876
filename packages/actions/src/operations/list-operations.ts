import type { OperationView, Page } from '@skykeep/core/views'
import { listOperations as readOperations } from '@skykeep/db/operations'
import { userUidsNamed } from '@skykeep/db/users'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { toOperationViews } from './operation-view.ts'
import type { ListOperationsInput } from './schemas.ts'

/** One page of what people asked for, newest first. */
export async function listOperations(
  context: ActionContext,
  input: ListOperationsInput,
): Promise<Page<OperationView>> {
  authorize(context.actor, 'operation:read')
  const { status, search, verb, service, by, fromMs, untilMs, cursor } = input
  const page = await readOperations(context.db, {
    workspace: context.workspace,
    limit: input.limit,
    ...(status === undefined ? {} : { statuses: [status] }),
    ...(search === undefined ? {} : { search }),
    ...(verb === undefined ? {} : { verb }),
    ...(service === undefined ? {} : { targetName: service }),
    ...(by === undefined ? {} : { requestedBy: await userUidsNamed(context.db, by) }),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(cursor === undefined || cursor === null ? {} : { cursor }),
  })
  return { ...page, items: await toOperationViews(context.db, page.items) }
}
