import { downService } from '@skykeep/actions/services/down-service'
import { pauseService } from '@skykeep/actions/services/pause-service'
import { resumeService } from '@skykeep/actions/services/resume-service'
import { rollbackService } from '@skykeep/actions/services/rollback-service'
import { terminateReplica } from '@skykeep/actions/services/terminate-replica'
import { upService } from '@skykeep/actions/services/up-service'
import { updateService } from '@skykeep/actions/services/update-service'
import type { Ask } from './web.ts'
import { serviceYaml } from './yaml.ts'

const name = 'hello'

/** What people ask for in schedules; what is not possible at the moment is refused. */
export const asks: readonly [readonly [string, Ask], ...(readonly [string, Ask])[]] = [
  ['up', (context) => upService(context, { yaml: serviceYaml({ replicas: 1 }) })],
  ['up of another', (context) => upService(context, { yaml: serviceYaml({ name: 'other', replicas: 1 }) })],
  ['down', (context) => downService(context, { name })],
  ['pause', (context) => pauseService(context, { name })],
  ['resume', (context) => resumeService(context, { name })],
  [
    'update, rolling',
    (context) => updateService(context, { name, yaml: serviceYaml({ ready: 200, replicas: 1 }) }),
  ],
  [
    'update, blue-green',
    (context) =>
      updateService(context, {
        name,
        yaml: serviceYaml({ ready: 300, replicas: 1, update: { mode: 'blue_green' } }),
      }),
  ],
  [
    'update that fails',
    (context) =>
      updateService(context, {
        name,
        yaml: serviceYaml({ ready: 400, run: 'exit-after=50 exit=3', replicas: 1 }),
      }),
  ],
  ['scale', (context) => updateService(context, { name, yaml: serviceYaml({ replicas: 2 }) })],
  ['rollback', (context) => rollbackService(context, { name })],
  ['terminate replica 1', (context) => terminateReplica(context, { name, replicaId: 1 })],
  ['terminate replica 2', (context) => terminateReplica(context, { name, replicaId: 2 })],
]
