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
import { rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

const exampleYaml = `name: hello
service:
  readiness_probe: /
  replicas: 2
run: python3 -m http.server $PORT
`

export const servicesRouter = router({
  list: authedProcedure
    .meta(
      rest('GET /services', 'List services', {
        description: 'By name. Pass `nextCursor` back as `cursor` to read on.',
        example: { status: 'READY', limit: 20 },
      }),
    )
    .input(listServicesInput.prefault({}))
    .query(({ ctx, input }) => listServices(ctx.action, input)),
  get: authedProcedure
    .meta(
      rest('GET /services/{name}', 'Show a service', {
        description:
          'With its versions, replicas, rollouts, scaling decisions, recovery reports and unfinished requests.',
      }),
    )
    .input(serviceNameInput)
    .query(({ ctx, input }) => getService(ctx.action, input)),
  // A mutation only for its transport: a YAML with secrets must travel in a body, never in a URL.
  check: authedProcedure
    .meta(
      rest('POST /service-checks', 'Check a YAML', {
        noIdempotencyKeyBecause: 'it changes nothing: send it again without',
        description: 'Changes nothing. Answers every problem with its place and a way out.',
        example: { yaml: exampleYaml },
      }),
    )
    .input(checkServiceInput)
    .mutation(({ ctx, input }) => checkService(ctx.action, input)),
  up: authedProcedure
    .meta(
      rest('POST /services', 'Bring a service up', {
        description:
          'The same YAML again changes nothing and answers what runs, so that a request may be repeated; another YAML under a living name is refused with 409. `operationUid` names what to follow.',
        example: { yaml: exampleYaml, secrets: { API_KEY: 'k-123' } },
      }),
    )
    .input(upServiceInput)
    .mutation(({ ctx, input }) => upService(ctx.action, input)),
  // A mutation for its transport too: it carries what `update` does, secrets and a TLS key among it.
  diff: authedProcedure
    .meta(
      rest('POST /services/{name}/diff', 'Show what an update would change', {
        noIdempotencyKeyBecause: 'it changes nothing: send it again without',
        description: 'Changes nothing.',
        example: { name: 'hello', yaml: exampleYaml },
      }),
    )
    .input(diffServiceInput)
    .mutation(({ ctx, input }) => diffService(ctx.action, input)),
  update: authedProcedure
    .meta(
      rest('POST /services/{name}/versions', 'Roll a new version out', {
        description: 'A YAML that changes nothing asks for nothing: `operationUid` is null.',
        example: { name: 'hello', yaml: exampleYaml, policy: { mode: 'rolling' } },
      }),
    )
    .input(updateServiceInput)
    .mutation(({ ctx, input }) => updateService(ctx.action, input)),
  rollback: authedProcedure
    .meta(
      rest('POST /services/{name}/rollback', 'Go back to an earlier version', {
        example: { name: 'hello', to: 1 },
      }),
    )
    .input(rollbackServiceInput)
    .mutation(({ ctx, input }) => rollbackService(ctx.action, input)),
  holdRollout: authedProcedure
    .meta(
      rest('PUT /services/{name}/rollout-hold', 'Hold a rollout, or let it go on', {
        example: { name: 'hello', isHeld: true },
      }),
    )
    .input(holdRolloutInput)
    .mutation(({ ctx, input }) => holdRollout(ctx.action, input)),
  history: authedProcedure
    .meta(rest('GET /services/{name}/versions', 'List the versions and rollouts of a service'))
    .input(serviceNameInput)
    .query(({ ctx, input }) => getHistory(ctx.action, input)),
  compareVersions: authedProcedure
    .meta(
      rest('GET /services/{name}/version-diff', 'Show what is different between two versions', {
        example: { name: 'hello', from: 1, to: 2 },
      }),
    )
    .input(compareVersionsInput)
    .query(({ ctx, input }) => compareVersions(ctx.action, input)),
  pause: authedProcedure
    .meta(
      rest('POST /services/{name}/pause', 'Pause a service', {
        description: 'No replica runs; the endpoint stays and says so.',
      }),
    )
    .input(serviceNameInput)
    .mutation(({ ctx, input }) => pauseService(ctx.action, input)),
  resume: authedProcedure
    .meta(rest('POST /services/{name}/resume', 'Resume a paused service'))
    .input(serviceNameInput)
    .mutation(({ ctx, input }) => resumeService(ctx.action, input)),
  setSchedule: authedProcedure
    .meta(
      rest('PUT /services/{name}/schedule', 'Set the off-hours of a service', {
        description: 'It wins over the schedule of the YAML; null takes it back.',
        example: {
          name: 'hello',
          schedule: {
            timeZone: 'Europe/Berlin',
            offHours: [{ days: ['sat', 'sun'], from: '00:00', to: '23:59' }],
            replicas: 0,
            warmUpMinutes: 10,
          },
        },
      }),
    )
    .input(setScheduleInput)
    .mutation(({ ctx, input }) => setSchedule(ctx.action, input)),
  terminateReplica: authedProcedure
    .meta(
      rest('DELETE /services/{name}/replicas/{replicaId}', 'Terminate a replica', {
        description: 'It drains first. The controller starts another in its place when one is wanted.',
        example: { name: 'hello', replicaId: 1 },
      }),
    )
    .input(terminateReplicaInput)
    .mutation(({ ctx, input }) => terminateReplica(ctx.action, input)),
  revive: authedProcedure
    .meta(rest('POST /services/{name}/revive', 'Try a service again that was set aside'))
    .input(serviceNameInput)
    .mutation(({ ctx, input }) => reviveService(ctx.action, input)),
  down: authedProcedure
    .meta(
      rest('DELETE /services/{name}', 'Take a service down', {
        description: 'Its replicas drain and end; its port is free for nobody else.',
      }),
    )
    .input(serviceNameInput)
    .mutation(({ ctx, input }) => downService(ctx.action, input)),
})
