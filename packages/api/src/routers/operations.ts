import { getOperation } from '@skykeep/actions/operations/get-operation'
import { listOperations } from '@skykeep/actions/operations/list-operations'
import { retryOperation } from '@skykeep/actions/operations/retry-operation'
import { listOperationsInput, operationUidInput } from '@skykeep/actions/operations/schemas'
import { authedProcedure, router } from '../trpc.ts'

export const operationsRouter = router({
  list: authedProcedure
    .input(listOperationsInput.prefault({}))
    .query(({ ctx, input }) => listOperations(ctx.action, input)),
  retry: authedProcedure
    .input(operationUidInput)
    .mutation(({ ctx, input }) => retryOperation(ctx.action, input)),
  get: authedProcedure.input(operationUidInput).query(({ ctx, input }) => getOperation(ctx.action, input)),
})
