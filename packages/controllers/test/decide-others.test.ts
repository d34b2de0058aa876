import { describe, expect, it } from 'vitest'
import type { GatewayStatus } from '@skykeep/core/routes'
import { replicaStatuses, serviceStatuses, type ReplicaStatus } from '@skykeep/core/statuses'
import { decideOperation, type OperationDecision, type OperationFacts } from '../src/operations/decide.ts'
import { buildRoutes } from '../src/routes/build-routes.ts'
import { endpointSighting, haveAllApplied, inFlightTo, type SeenGateway } from '../src/routes/gateway-view.ts'
import { judgeNode, type OwnerRow } from '../src/sweep/decide.ts'
import { endpointRow, operationRow, replicaRow, serviceRow, specOf } from './builders.ts'

/** Of verbs that name neither a rollout nor a replica. */
function decide(facts: Omit<OperationFacts, 'rollout' | 'replica'>): OperationDecision {
  return decideOperation({ rollout: null, replica: null, ...facts })
}

describe('operation decision', () => {
  const ready = [1, 2].map((id) => replicaRow(id, { status: 'READY' }))
  const open = endpointRow({ status: 'OPEN' })

  it('serve.up succeeds only when every wanted replica is ready and the port is open', () => {
    const service = serviceRow({ status: 'READY' })
    const operation = operationRow()
    expect(decide({ operation, service, replicas: ready, endpoint: open, routedReplicas: 2 }).to).toBe(
      'SUCCEEDED',
    )
    expect(
      decide({ operation, service, replicas: ready.slice(1), endpoint: open, routedReplicas: 2 }).to,
    ).toBe('RUNNING')
    expect(
      decide({ operation, service, replicas: ready, endpoint: endpointRow(), routedReplicas: 2 }).to,
    ).toBe('RUNNING')
    const unseen = serviceRow({ status: 'READY', generation: 2 })
    expect(
      decide({ operation, service: unseen, replicas: ready, endpoint: open, routedReplicas: 2 }).to,
    ).toBe('RUNNING')
  })

  it('shows each replica in its phase', () => {
    const replicas = [
      replicaRow(2, { status: 'PROVISIONING' }),
      replicaRow(1, { status: 'STARTING', statusReason: 'setup is running' }),
    ]
    const blocked = endpointRow({ status: 'BLOCKED', statusReason: 'EADDRINUSE' })
    const { phase } = decide({
      operation: operationRow(),
      service: serviceRow(),
      replicas,
      endpoint: blocked,
      routedReplicas: 0,
    })
    expect(phase).toBe(
      'replica 1: STARTING (setup is running), replica 2: PROVISIONING, endpoint BLOCKED: EADDRINUSE',
    )
  })

  it.each(serviceStatuses)('a service in %s ends each verb only as it should', (status) => {
    const service = serviceRow({ status, statusReason: 'why' })
    const up = decide({
      operation: operationRow({ status: 'RUNNING' }),
      service,
      replicas: [],
      endpoint: null,
      routedReplicas: 0,
    })
    expect(up.to).toBe(status === 'FAILED' ? 'FAILED' : null)
    const down = operationRow({ verb: 'serve.down', status: 'RUNNING' })
    expect(decide({ operation: down, service, replicas: [], endpoint: null, routedReplicas: 0 }).to).toBe(
      status === 'TERMINATED' ? 'SUCCEEDED' : null,
    )
  })

  it('serve.up is cancelled by a serve.down', () => {
    const service = serviceRow({ deletionRequestedAtMs: 1 })
    expect(
      decide({ operation: operationRow(), service, replicas: [], endpoint: null, routedReplicas: 0 }).to,
    ).toBe('CANCELLED')
  })
})

const routedParts = {
  endpoint: endpointRow(),
  spec: specOf(),
  rollout: null,
  taskVersions: new Map<number, number>(),
  versionDir: 'versions/svc_a/1',
  keys: [],
  revocations: [],
  nowMs: 0,
}

describe('routes', () => {
  it('names READY and DRAINING replicas only, and sends nothing new to one that is not wanted', () => {
    const replicas = replicaStatuses.map((status, index) =>
      replicaRow(index + 1, { status, host: '127.0.0.1', port: 20_000 + index }),
    )
    const unwantedReady = replicaRow(20, {
      status: 'READY',
      isWanted: false,
      host: '127.0.0.1',
      port: 20_020,
    })
    const [route] = buildRoutes([
      {
        ...routedParts,
        service: serviceRow(),
        replicas: [...replicas, unwantedReady],
      },
    ])
    expect(route?.replicas.map(({ replicaId, isDraining }) => [replicaId, isDraining])).toEqual([
      [4, false],
      [6, true],
      [20, true],
    ])
  })

  it('says which replicas are near where the service asks for it and the zone of the gateway is known', () => {
    const replicas = ['eu-1a', 'eu-1b'].map((zone, at) =>
      replicaRow(at + 1, { status: 'READY', host: '127.0.0.1', port: 20_000 + at, zone }),
    )
    const nearIn = (prefersSameZone: boolean, zone?: string): unknown[] => {
      const spec = specOf(prefersSameZone ? { prefersSameZone } : {})
      const [route] = buildRoutes([{ ...routedParts, spec, service: serviceRow(), replicas }], zone)
      return [route?.prefersNear, ...(route?.replicas.map(({ isNear }) => isNear) ?? [])]
    }
    const alike = [undefined, undefined, undefined]
    expect(nearIn(true, 'eu-1b')).toEqual([true, undefined, true])
    expect([nearIn(true), nearIn(true, ''), nearIn(false, 'eu-1b')]).toEqual([alike, alike, alike])
  })

  it('keeps the port of a service that goes down until its last replica has drained', () => {
    const service = serviceRow({ deletionRequestedAtMs: 1 })
    const routed = { ...routedParts, service }
    expect(buildRoutes([{ ...routed, replicas: [replicaRow(1, { status: 'DRAINING' })] }])).toHaveLength(1)
    expect(buildRoutes([{ ...routed, replicas: [replicaRow(1, { status: 'SHUTTING_DOWN' })] }])).toHaveLength(
      0,
    )
  })

  const status = (fields: Partial<GatewayStatus>): GatewayStatus => ({
    slot: 0,
    pid: 1,
    epoch: 'e',
    appliedVersion: 1,
    boundPorts: [],
    blockedPorts: [],
    inFlight: {},
    ejected: [],
    siblings: [],
    ...fields,
  })
  const answering = (fields: Partial<GatewayStatus>): SeenGateway => ({
    name: 'gateway-0',
    state: 'answering',
    status: status(fields),
  })

  it('invariant 10: a gateway that lives and does not answer has acked nothing', () => {
    const silent: SeenGateway = {
      name: 'gateway-1',
      state: 'silent',
      status: status({ appliedVersion: 9, inFlight: { rep_1: 2 } }),
    }
    expect(haveAllApplied([answering({ appliedVersion: 5 })], 5)).toBe(true)
    expect(haveAllApplied([answering({ appliedVersion: 5 }), silent], 5)).toBe(false)
    expect(inFlightTo([answering({ inFlight: { rep_1: 3 } }), silent], 'rep_1')).toBe(5)
  })

  it('invariant 16: a port that something else holds is BLOCKED with the reason, and OPEN once all have it', () => {
    const endpoint = endpointRow()
    const blocked = answering({ blockedPorts: [{ port: 30_001, reason: 'EADDRINUSE' }] })
    expect(endpointSighting([blocked], endpoint)).toEqual({ status: 'BLOCKED', reason: 'EADDRINUSE' })
    expect(endpointSighting([answering({}), answering({ boundPorts: [30_001] })], endpoint)).toBeNull()
    expect(endpointSighting([answering({ boundPorts: [30_001] })], endpoint)?.status).toBe('OPEN')
    expect(endpointSighting([], endpoint)).toBeNull()
  })
})

describe('sweep verdict', () => {
  const node = { nodeId: 'n1', infra: 'local', ownerUid: 'rep_1' }
  const row = (status: ReplicaStatus, nodeId: string | null, statusChangedAtMs = 0): OwnerRow => ({
    uid: 'rep_1',
    status,
    nodeId,
    statusChangedAtMs,
  })
  it('invariant 3: reaps only what has a tombstone here; what is unknown is only reported', () => {
    expect(judgeNode(node, undefined, null)).toBe('orphan')
    expect(judgeNode(node, row('TERMINATED', 'n1'), null)).toBe('reap')
    expect(judgeNode(node, row('READY', 'n1'), null)).toBe('owned')
    expect(judgeNode(node, row('READY', 'n2'), null)).toBe('orphan')
    expect(judgeNode(node, row('PROVISIONING', null), null)).toBe('owned')
  })

  it('invariant 3: after a restore only tombstones of afterwards count', () => {
    expect(judgeNode(node, row('TERMINATED', 'n1', 99), 100)).toBe('orphan')
    expect(judgeNode(node, row('TERMINATED', 'n1', 100), 100)).toBe('orphan')
    expect(judgeNode(node, row('TERMINATED', 'n1', 101), 100)).toBe('reap')
    expect(judgeNode(node, undefined, 100)).toBe('orphan')
    expect(judgeNode(node, row('READY', 'n1', 99), 100)).toBe('owned')
  })
})
