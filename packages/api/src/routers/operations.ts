import { cancelOperation } from '@skykeep/actions/operations/cancel-operation'
import { getOperation } from '@skykeep/actions/operations/get-operation'
import { listOperations } from '@skykeep/actions/operations/list-operations'
import { retryOperation } from '@skykeep/actions/operations/retry-operation'
import { listOperationsInput, operationUidInput } from '@skykeep/actions/operations/schemas'
import { rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

export const operationsRouter = router({
  list: authedProcedure
    .meta(
      rest('GET /operations', 'List operations', {
        description:
          'Every request that takes time is an operation. Newest first; pass `nextCursor` back as `cursor` to read on.',
        example: { status: 'RUNNING', limit: 20 },
      }),
    )
    .input(listOperationsInput.prefault({}))
    .query(({ ctx, input }) => listOperations(ctx.action, input)),
  retry: authedProcedure
    .meta(rest('POST /operations/{uid}/retry', 'Try a failed operation again'))
    .input(operationUidInput)
    .mutation(({ ctx, input }) => retryOperation(ctx.action, input)),
  cancel: authedProcedure
    .meta(
      rest('POST /operations/{uid}/cancel', 'Cancel an operation that is under way', {
        description:
          'A launch that never was ready is taken down; an update or a rollback goes back to the version that it came from; a resume is paused again. Others answer 409 with the reason. The operation ends as CANCELLED once the service is there.',
      }),
    )
    .input(operationUidInput)
    .mutation(({ ctx, input }) => cancelOperation(ctx.action, input)),
  get: authedProcedure
    .meta(rest('GET /operations/{uid}', 'Show an operation with its events'))
    .input(operationUidInput)
    .query(({ ctx, input }) => getOperation(ctx.action, input)),
})
