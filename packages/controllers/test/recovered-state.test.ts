import { describe, expect, it } from 'vitest'
import type { Replica, Rollout } from '@skykeep/core/nouns'
import { defaultOutliers, defaultUpdatePolicy } from '@skykeep/core/service-spec'
import { buildRoutes } from '../src/routes/build-routes.ts'
import { decideService } from '../src/services/decide.ts'
import type { ServiceStep } from '../src/services/facts.ts'
import { endpointRow, replicaRow, serviceRow, specOf } from './builders.ts'
import { factsOf } from './service-facts.ts'

const readyOn = (version: number, ...ids: readonly number[]): readonly Replica[] =>
  ids.map((id) =>
    replicaRow(id, { version, status: 'READY', firstReadyAtMs: 1, host: '127.0.0.1', port: 20_000 + id }),
  )

const rollout: Rollout = {
  uid: 'rol_a',
  serviceUid: 'svc_a',
  serviceName: 'hello',
  operationUid: 'op_a',
  fromVersion: 1,
  toVersion: 2,
  mode: 'blue_green',
  settings: { ...defaultUpdatePolicy, mode: 'blue_green' },
  rowVersion: 1,
  status: 'PROGRESSING',
  statusReason: '',
  isPaused: false,
  isCancelled: false,
  step: 0,
  stepMs: 0,
  stalledMs: 0,
  readyPeak: 0,
  gate: null,
  createdAtMs: 0,
  createdBy: 'usr_a',
  finishedAtMs: null,
}

function changes(steps: readonly ServiceStep[]): readonly ServiceStep['type'][] {
  return steps.map(({ type }) => type).filter((type) => type !== 'roll-on')
}

/** What a controller that has just started decides: it knows nothing but the rows. */
describe('a controller that knows only the rows', () => {
  it('skypilot 3.5 #2, skypilot 3.5 #5, dstack 11 #5: counts replicas of later versions, and makes and removes none', () => {
    const service = serviceRow({
      status: 'READY',
      desiredVersion: 3,
      targetVersion: 3,
      stableVersion: 3,
      latestEverReadyVersion: 3,
      readySinceMs: 5,
    })
    expect(changes(decideService(factsOf(service, readyOn(3, 7, 9))).steps)).toEqual([])
  })

  it('skypilot 3.5 #5: a version that never was ready does not stop the scaling of what serves', () => {
    const service = serviceRow({
      status: 'READY',
      desiredReplicas: 3,
      latestEverReadyVersion: 1,
      readySinceMs: 5,
    })
    const failed = [4, 5, 6].map((id) =>
      replicaRow(id, { version: 2, status: 'TERMINATED', outcome: 'FAILED' }),
    )
    const { steps } = decideService(factsOf(service, [...readyOn(1, 1, 2), ...failed], { sinceLastEndMs: 0 }))
    expect(steps).toContainEqual({ type: 'create-replicas', version: 1, offers: [null] })
  })

  it('skypilot 3.5 #6: stays blue-green in the middle of a blue-green update', () => {
    const service = serviceRow({ status: 'READY', desiredVersion: 2, targetVersion: 2, readySinceMs: 5 })
    const replicas = [
      ...readyOn(1, 1, 2),
      ...readyOn(2, 3),
      replicaRow(4, { version: 2, status: 'STARTING' }),
    ]
    const { steps } = decideService(factsOf(service, replicas, { rollout }))
    // A rolling update would have removed one of the old replicas for the ready new one.
    expect(changes(steps)).not.toContain('unwant')
    const parts = {
      endpoint: endpointRow(),
      spec: specOf(),
      versionDir: '',
      keys: [],
      revocations: [],
      nowMs: 0,
    }
    const [route] = buildRoutes([{ ...parts, service, replicas, rollout, taskVersions: new Map() }])
    expect(route?.replicas.map(({ version }) => version)).toEqual([1, 1])
  })

  it('skypilot 3.5 #8: the time since when it serves is kept', () => {
    const service = serviceRow({ status: 'READY', readySinceMs: 5, latestEverReadyVersion: 1 })
    expect(decideService(factsOf(service, readyOn(1, 1, 2))).steps).toEqual([])
    const { steps } = decideService(factsOf(serviceRow({ status: 'READY', readySinceMs: 5 }), []))
    expect(steps[0]).toMatchObject({ type: 'observe', seen: { readySinceMs: null } })
  })

  it('skypilot 3.5 #16: policy, time-outs and TLS are those of the version that is aimed at', () => {
    const spec = specOf()
    const later = {
      ...spec,
      service: {
        ...spec.service,
        loadBalancingPolicy: 'consistent_hash' as const,
        hash: { by: 'header' as const, name: 'X-Session-Id', loadFactor: 1.5 },
        streamTimeoutSeconds: 7,
        outlierDetection: defaultOutliers,
        tls: { certFile: 'a', keyFile: 'b' },
      },
    }
    const service = serviceRow({ targetVersion: 4 })
    const parts = {
      endpoint: endpointRow(),
      rollout: null,
      taskVersions: new Map<number, number>(),
      nowMs: 0,
    }
    const [route] = buildRoutes([
      {
        ...parts,
        service,
        spec: later,
        replicas: [],
        keys: [],
        revocations: [],
        versionDir: 'versions/svc_a/4',
      },
    ])
    expect(route).toMatchObject({
      policy: 'consistent_hash',
      hash: { by: 'header', name: 'X-Session-Id', loadFactor: 1.5 },
      streamTimeoutSeconds: 7,
      outlierDetection: defaultOutliers,
      tls: { certFile: 'versions/svc_a/4/tls/cert.pem', digest: 'svc_a/4' },
    })
  })

  it.each([undefined, { name: 'X-Canary', value: '1' }])(
    'a canary’s header (%o) stands on the share of the new version, while both have a replica',
    (header) => {
      const { canary } = defaultUpdatePolicy
      const settings = { ...rollout.settings, canary: { ...canary, ...(header && { header }) } }
      const parts = {
        endpoint: endpointRow(),
        versionDir: '',
        keys: [],
        revocations: [],
        nowMs: 0,
        taskVersions: new Map<number, number>(),
      }
      const routed = { ...parts, service: serviceRow({}), spec: specOf() }
      const running: Rollout = { ...rollout, mode: 'canary', settings }
      const both = [...readyOn(1, 1), ...readyOn(2, 2)]
      const [route] = buildRoutes([{ ...routed, rollout: running, replicas: both }])
      expect(route?.split).toEqual([
        { versions: [2], percent: 10, ...(header && { header }) },
        { versions: [1], percent: 90 },
      ])
      const [before] = buildRoutes([{ ...routed, rollout: running, replicas: readyOn(1, 1) }])
      expect(before).not.toHaveProperty('split')
    },
  )

  it.each([
    ['REPLICA_INIT', [replicaRow(1, { status: 'STARTING' })], {}],
    ['READY', readyOn(1, 1), {}],
    ['NO_REPLICA', [replicaRow(1, { status: 'NOT_READY' })], { latestEverReadyVersion: 1 }],
    ['FAILED', [1, 2, 3].map((id) => replicaRow(id, { status: 'TERMINATED', outcome: 'FAILED' })), {}],
    ['PAUSED', [], { isPaused: true }],
  ] as const)('skypilot 3.5 #18: %s is reached from the rows', (status, replicas, fields) => {
    const from = status === 'NO_REPLICA' ? 'READY' : 'NO_REPLICA'
    const { steps } = decideService(factsOf(serviceRow({ status: from, ...fields }), replicas))
    expect(steps).toContainEqual(expect.objectContaining({ type: 'set-status', to: status }))
  })
})

it('invariant 5: a wall clock that was set back hides no failure of a new version', () => {
  const service = serviceRow({ status: 'READY', desiredVersion: 2, targetVersion: 2, readySinceMs: 5 })
  const failed = [4, 5, 6].map((id) =>
    replicaRow(id, { version: 2, status: 'TERMINATED', outcome: 'FAILED', createdAtMs: 1_000 }),
  )
  const facts = factsOf(service, [...readyOn(1, 1, 2), ...failed], {
    rollout: { ...rollout, mode: 'rolling', createdAtMs: 3_600_000 },
  })
  expect(decideService(facts).steps).toContainEqual(
    expect.objectContaining({ type: 'end-rollout', to: 'ROLLING_BACK', reason: 'NEVER_READY' }),
  )
})
