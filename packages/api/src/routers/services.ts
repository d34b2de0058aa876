import { checkService } from '@skykeep/actions/services/check-service'
import { downService } from '@skykeep/actions/services/down-service'
import { getService } from '@skykeep/actions/services/get-service'
import { listServices } from '@skykeep/actions/services/list-services'
import {
  checkServiceInput,
  listServicesInput,
  serviceNameInput,
  upServiceInput,
} from '@skykeep/actions/services/schemas'
import { upService } from '@skykeep/actions/services/up-service'
import { authedProcedure, router } from '../trpc.ts'

export const servicesRouter = router({
  list: authedProcedure
    .input(listServicesInput.prefault({}))
    .query(({ ctx, input }) => listServices(ctx.action, input)),
  get: authedProcedure.input(serviceNameInput).query(({ ctx, input }) => getService(ctx.action, input)),
  // A mutation only for its transport: a YAML with secrets must travel in a body, never in a URL.
  check: authedProcedure
    .input(checkServiceInput)
    .mutation(({ ctx, input }) => checkService(ctx.action, input)),
  up: authedProcedure.input(upServiceInput).mutation(({ ctx, input }) => upService(ctx.action, input)),
  down: authedProcedure.input(serviceNameInput).mutation(({ ctx, input }) => downService(ctx.action, input)),
})
