import { checkService } from '@skykeep/actions/services/check-service'
import { diffService } from '@skykeep/actions/services/diff-service'
import { downService } from '@skykeep/actions/services/down-service'
import { getService } from '@skykeep/actions/services/get-service'
import { listServices } from '@skykeep/actions/services/list-services'
import {
  checkServiceInput,
  diffServiceInput,
  listServicesInput,
  serviceNameInput,
  updateServiceInput,
  upServiceInput,
} from '@skykeep/actions/services/schemas'
import { upService } from '@skykeep/actions/services/up-service'
import { updateService } from '@skykeep/actions/services/update-service'
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
  // A mutation for its transport too: it carries what `update` does, secrets and a TLS key among it.
  diff: authedProcedure.input(diffServiceInput).mutation(({ ctx, input }) => diffService(ctx.action, input)),
  update: authedProcedure
    .input(updateServiceInput)
    .mutation(({ ctx, input }) => updateService(ctx.action, input)),
  down: authedProcedure.input(serviceNameInput).mutation(({ ctx, input }) => downService(ctx.action, input)),
})
