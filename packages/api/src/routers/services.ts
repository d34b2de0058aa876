import { checkService } from '@skykeep/actions/services/check-service'
import { compareVersions } from '@skykeep/actions/services/compare-versions'
import { getHistory } from '@skykeep/actions/services/get-history'
import { holdRollout } from '@skykeep/actions/services/hold-rollout'
import { pauseService } from '@skykeep/actions/services/pause-service'
import { resumeService } from '@skykeep/actions/services/resume-service'
import { reviveService } from '@skykeep/actions/services/revive-service'
import { rollbackService } from '@skykeep/actions/services/rollback-service'
import { setSchedule } from '@skykeep/actions/services/set-schedule'
import { terminateReplica } from '@skykeep/actions/services/terminate-replica'
import { diffService } from '@skykeep/actions/services/diff-service'
import { downService } from '@skykeep/actions/services/down-service'
import { getService } from '@skykeep/actions/services/get-service'
import { listServices } from '@skykeep/actions/services/list-services'
import {
  checkServiceInput,
  diffServiceInput,
  listServicesInput,
  serviceNameInput,
  terminateReplicaInput,
  setScheduleInput,
  rollbackServiceInput,
  compareVersionsInput,
  holdRolloutInput,
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
  rollback: authedProcedure
    .input(rollbackServiceInput)
    .mutation(({ ctx, input }) => rollbackService(ctx.action, input)),
  holdRollout: authedProcedure
    .input(holdRolloutInput)
    .mutation(({ ctx, input }) => holdRollout(ctx.action, input)),
  history: authedProcedure.input(serviceNameInput).query(({ ctx, input }) => getHistory(ctx.action, input)),
  compareVersions: authedProcedure
    .input(compareVersionsInput)
    .query(({ ctx, input }) => compareVersions(ctx.action, input)),
  pause: authedProcedure
    .input(serviceNameInput)
    .mutation(({ ctx, input }) => pauseService(ctx.action, input)),
  resume: authedProcedure
    .input(serviceNameInput)
    .mutation(({ ctx, input }) => resumeService(ctx.action, input)),
  setSchedule: authedProcedure
    .input(setScheduleInput)
    .mutation(({ ctx, input }) => setSchedule(ctx.action, input)),
  terminateReplica: authedProcedure
    .input(terminateReplicaInput)
    .mutation(({ ctx, input }) => terminateReplica(ctx.action, input)),
  revive: authedProcedure
    .input(serviceNameInput)
    .mutation(({ ctx, input }) => reviveService(ctx.action, input)),
  down: authedProcedure.input(serviceNameInput).mutation(({ ctx, input }) => downService(ctx.action, input)),
})
