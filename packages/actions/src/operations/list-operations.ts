import type { OperationView, Page } from '@skykeep/core/views'
import { listOperations as readOperations } from '@skykeep/db/operations'
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
  const page = await readOperations(context.db, {
    workspace: context.workspace,
    limit: input.limit,
    ...(input.status === undefined ? {} : { statuses: [input.status] }),
    ...(input.search === undefined ? {} : { search: input.search }),
    ...(input.cursor === undefined || input.cursor === null ? {} : { cursor: input.cursor }),
  })
  return { ...page, items: await toOperationViews(context.db, page.items) }
}
