import { cancelOperation } from '@skykeep/actions/operations/cancel-operation'
import { listOperations } from '@skykeep/actions/operations/list-operations'
import { downService } from '@skykeep/actions/services/down-service'
import { pauseService } from '@skykeep/actions/services/pause-service'
import { resumeService } from '@skykeep/actions/services/resume-service'
import { rollbackService } from '@skykeep/actions/services/rollback-service'
import { setSchedule } from '@skykeep/actions/services/set-schedule'
import { terminateReplica } from '@skykeep/actions/services/terminate-replica'
import { upService } from '@skykeep/actions/services/up-service'
import { updateService } from '@skykeep/actions/services/update-service'
import type { OperationStatus } from '@skykeep/core/statuses'
import { missingOf, type Serving } from './asked.ts'
import { ask, until, type Scenario, type Step } from './scenario.ts'
import type { World } from './world.ts'
import { serviceYaml, type YamlFields } from './yaml.ts'

const name = 'hello'

const serving =
  (wanted: Serving) =>
  (world: World): readonly string[] =>
    missingOf(world, wanted)

/** The last operation of that verb has come to this end. */
const verbIs =
  (verb: string, status: OperationStatus) =>
  (world: World): readonly string[] => {
    const [row] = world.ground.sideDoor.all<{ status: string }>(
      'SELECT status FROM operations WHERE verb = ? ORDER BY created_at_ms DESC, uid DESC LIMIT 1',
      verb,
    )
    return row?.status === status ? [] : [`${verb} is ${row?.status ?? 'not there'}, not ${status}`]
  }

const up = (fields: YamlFields = {}): Step =>
  ask('up', (context) => upService(context, { yaml: serviceYaml(fields) }))

const update = (fields: YamlFields): Step =>
  ask('update', (context) => updateService(context, { name: fields.name ?? name, yaml: serviceYaml(fields) }))

const happens = (what: string, change: (world: World) => void): Step => ({ type: 'happens', what, change })

const two = serving({ replicas: 2, ready: 100, version: 1 })
const upAndReady = (fields: YamlFields = {}): readonly Step[] => [
  up(fields),
  until(serving({ name: fields.name ?? name, replicas: fields.replicas ?? 2 })),
]

/** The service's uid, once it is there. */
function serviceUid(world: World): string {
  return (
    world.ground.sideDoor.all<{ uid: string }>('SELECT uid FROM services WHERE name = ?', name)[0]?.uid ?? ''
  )
}

function load(perSecond: number, rest: { readonly inFlight?: number; readonly parked?: number } = {}): Step {
  return happens(`${perSecond} requests a second`, (world) => {
    const { inFlight = 0, parked = 0 } = rest
    world.gatewayGround.load.set(serviceUid(world), { perSecond, inFlight, parked })
  })
}

/** Cancels the last request; asked again when the answer never came. */
const cancel = ask('cancel', async (context) => {
  const { items } = await listOperations(context, { limit: 1 })
  return await cancelOperation(context, { uid: items[0]?.uid ?? '' })
})

const crash = happens('the process of replica 1 crashes', (world) => {
  const [job] = world.cloud.runtime.runningJobs()
  if (job !== undefined) world.cloud.runtime.endJob(job.job.jobId, 1)
})

const upDown: readonly Scenario[] = [
  { name: 'up', before: [], story: [up()], missing: two, maxJobs: 2 },
  {
    name: 'up on a shared host',
    before: [],
    story: [up()],
    missing: two,
    maxJobs: 2,
    options: { isHostShared: true },
  },
  {
    name: 'down',
    before: upAndReady(),
    story: [ask('down', (context) => downService(context, { name }))],
    missing: serving({ replicas: 0, status: 'TERMINATED', endpoint: 'RELEASED' }),
    maxJobs: 2,
    options: { isHostShared: true },
  },
  {
    name: 'down while it comes up',
    before: [],
    story: [up(), { type: 'for', ms: 1_500 }, ask('down', (context) => downService(context, { name }))],
    missing: (world) =>
      serving({ replicas: 0, status: 'TERMINATED', endpoint: 'RELEASED' })(world).filter(
        (each) => !/^serve.up is CANCELLED/.test(each),
      ),
    maxJobs: 2,
  },
  {
    name: 'cancel an up',
    before: [],
    // Not ready while anybody waits, however many deaths come between.
    story: [up({ ready: 600_000 }), { type: 'for', ms: 1_500 }, cancel],
    missing: serving({
      replicas: 0,
      status: 'TERMINATED',
      endpoint: 'RELEASED',
      operations: 'CANCELLED',
    }),
    maxJobs: 2,
  },
]

const updates: readonly Scenario[] = [
  ...(['rolling', 'blue_green'] as const).map((mode): Scenario => ({
    name: `update, ${mode}`,
    before: upAndReady(),
    story: [update({ ready: 200, update: { mode } })],
    missing: serving({ replicas: 2, ready: 200, version: 2, rollout: 'SUCCEEDED' }),
    maxJobs: mode === 'rolling' ? 3 : 4,
    options: { isHostShared: true },
  })),
  {
    name: 'update, canary',
    before: [...upAndReady(), load(10)],
    story: [
      update({
        ready: 200,
        update: { mode: 'canary', rest: '    canary: { steps: [50], bake_seconds: 5, min_requests: 5 }\n' },
      }),
    ],
    missing: serving({ replicas: 2, ready: 200, version: 2, rollout: 'SUCCEEDED' }),
    maxJobs: 4,
  },
  {
    name: 'update of settings alone',
    before: upAndReady(),
    story: [update({ rest: '  load_balancing_policy: round_robin\n' })],
    missing: (world) => [
      ...serving({ replicas: 2, ready: 100, version: 1, rollout: 'SUCCEEDED' })(world),
      ...(world.gatewayGround.table?.services[0]?.policy === 'round_robin'
        ? []
        : ['the policy is the old one']),
    ],
    maxJobs: 2,
  },
  {
    name: 'update that fails, rolled back by itself',
    before: upAndReady(),
    story: [update({ ready: 200, run: 'exit-after=50 exit=3', update: { mode: 'rolling' } })],
    missing: (world) => [
      ...serving({ replicas: 2, ready: 100, version: 1, rollout: 'ROLLED_BACK' })(world).filter(
        (each) => !/^serve.update is FAILED/.test(each),
      ),
      ...verbIs('serve.update', 'FAILED')(world),
    ],
    maxJobs: 3,
  },
  ...(['rolling', 'blue_green'] as const).map((mode): Scenario => ({
    name: `cancel an update, ${mode}`,
    before: upAndReady(),
    story: [update({ ready: 200, update: { mode } }), { type: 'for', ms: 2_000 }, cancel],
    missing: (world) => [
      ...serving({ replicas: 2, ready: 100, version: 1, rollout: 'ROLLED_BACK' })(world).filter(
        (each) => !/^serve.update is CANCELLED/.test(each),
      ),
      ...verbIs('serve.update', 'CANCELLED')(world),
    ],
    maxJobs: 4,
  })),
  {
    name: 'rollback',
    before: [
      ...upAndReady(),
      update({ ready: 200 }),
      until(serving({ replicas: 2, version: 2, rollout: 'SUCCEEDED' })),
    ],
    story: [ask('rollback', (context) => rollbackService(context, { name }))],
    missing: serving({ replicas: 2, ready: 100, version: 1, rollout: 'SUCCEEDED' }),
    maxJobs: 3,
  },
  {
    name: 'update over an update that is under way',
    before: upAndReady(),
    story: [update({ ready: 200 }), { type: 'for', ms: 2_000 }, update({ ready: 300 })],
    missing: (world) =>
      serving({ replicas: 2, ready: 300, rollout: 'SUCCEEDED' })(world).filter(
        (each) => !/^serve.update is CANCELLED/.test(each),
      ),
    maxJobs: 3,
  },
]

const onDemand = {
  min_replicas: 1,
  max_replicas: 4,
  target_qps_per_replica: 5,
  upscale_delay_seconds: 20,
  downscale_delay_seconds: 20,
}
const toZero = {
  min_replicas: 0,
  max_replicas: 3,
  target_in_flight_per_replica: 2,
  upscale_delay_seconds: 0,
  downscale_delay_seconds: 20,
}

const five = { ...onDemand, max_replicas: 5 }
const gatewaysAre = (mood: 'silent' | 'well'): Step =>
  happens(`every gateway is ${mood}`, ({ gateways }) => {
    for (const gateway of gateways) gateway.mood = mood
  })

/** Numbers are never given twice: a sixth replica would say that one of the five was removed on the way. */
const neverRemoved = (world: World): readonly string[] =>
  world.ground.sideDoor
    .all<{ replica_id: number }>('SELECT replica_id FROM replicas WHERE replica_id > 5')
    .map(({ replica_id }) => `replica ${replica_id} was made for one that nobody should have removed`)

const scaling: readonly Scenario[] = [
  {
    name: 'counts missing for a minute under load',
    before: [...upAndReady({ replicas: 1, policy: five }), load(24), until(serving({ replicas: 5 }))],
    story: [gatewaysAre('silent'), { type: 'for', ms: 70_000 }, gatewaysAre('well')],
    missing: (world) => [...serving({ replicas: 5, ready: 100 })(world), ...neverRemoved(world)],
    maxJobs: 5,
  },
  {
    name: 'scale up, asked for',
    before: upAndReady(),
    story: [update({ replicas: 4 })],
    missing: serving({ replicas: 4, ready: 100 }),
    maxJobs: 4,
  },
  {
    name: 'scale down, asked for',
    before: upAndReady({ replicas: 3 }),
    story: [update({ replicas: 1 })],
    missing: serving({ replicas: 1, ready: 100 }),
    maxJobs: 3,
    options: { isHostShared: true },
  },
  {
    name: 'scale up by load',
    before: upAndReady({ replicas: 1, policy: onDemand }),
    story: [load(14)],
    missing: serving({ replicas: 3, ready: 100 }),
    maxJobs: 3,
  },
  {
    name: 'scale down by load',
    before: [...upAndReady({ replicas: 1, policy: onDemand }), load(14), until(serving({ replicas: 3 }))],
    story: [load(4)],
    missing: serving({ replicas: 1, ready: 100 }),
    maxJobs: 3,
  },
  {
    name: 'scale to zero',
    before: [up({ policy: toZero }), load(0, { inFlight: 1 }), until(serving({ replicas: 1 }))],
    story: [load(0)],
    missing: serving({ replicas: 0 }),
    maxJobs: 1,
  },
  {
    name: 'scale from zero',
    before: [up({ policy: toZero }), until(serving({ replicas: 0 }))],
    story: [load(0, { inFlight: 1 })],
    missing: serving({ replicas: 1, ready: 100 }),
    maxJobs: 1,
  },
]

const always = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const,
  from: '00:00',
  to: '00:00',
}

const life: readonly Scenario[] = [
  { name: 'replace what crashed', before: upAndReady(), story: [crash], missing: two, maxJobs: 2 },
  {
    name: 'replace what was taken back',
    before: upAndReady(),
    story: [
      happens('a node is taken back', (world) => {
        const [found] = world.cloud.runtime.runningJobs()
        if (found !== undefined) void world.cloud.preemptNode(found.node.nodeId)
      }),
    ],
    missing: two,
    maxJobs: 2,
  },
  {
    name: 'the hosts reboot',
    before: upAndReady(),
    story: [happens('every node boots again', (world) => world.cloud.reboot())],
    missing: two,
    maxJobs: 2,
  },
  {
    name: 'end one replica',
    before: upAndReady(),
    story: [ask('terminate-replica', (context) => terminateReplica(context, { name, replicaId: 1 }))],
    missing: two,
    maxJobs: 3,
    options: { isHostShared: true },
  },
  {
    name: 'pause',
    before: upAndReady(),
    story: [ask('pause', (context) => pauseService(context, { name }))],
    missing: serving({ replicas: 0, status: 'PAUSED' }),
    maxJobs: 2,
  },
  {
    name: 'resume',
    before: [
      ...upAndReady(),
      ask('pause', (context) => pauseService(context, { name })),
      until(serving({ replicas: 0, status: 'PAUSED' })),
    ],
    story: [ask('resume', (context) => resumeService(context, { name }))],
    missing: two,
    maxJobs: 2,
  },
  {
    name: 'cancel a resume',
    before: [
      ...upAndReady(),
      ask('pause', (context) => pauseService(context, { name })),
      until(serving({ replicas: 0, status: 'PAUSED' })),
    ],
    story: [ask('resume', (context) => resumeService(context, { name })), cancel],
    missing: (world) => [
      ...serving({ replicas: 0, status: 'PAUSED' })(world).filter(
        (each) => !/^serve.resume is CANCELLED/.test(each),
      ),
      ...verbIs('serve.resume', 'CANCELLED')(world),
    ],
    maxJobs: 2,
  },
  {
    name: 'schedule',
    before: upAndReady(),
    story: [
      ask('schedule', (context) =>
        setSchedule(context, {
          name,
          schedule: { timeZone: 'UTC', offHours: [always], replicas: 0, warmUpMinutes: 0 },
        }),
      ),
    ],
    missing: serving({ replicas: 0, status: 'PAUSED' }),
    maxJobs: 2,
  },
]

/** Every story in which a control plane dies at every point. */
export const scenarios: readonly Scenario[] = [...upDown, ...updates, ...scaling, ...life]
