import type { Endpoint, Operation, Replica, Service } from '@skykeep/core/nouns'
import type { ServiceSpec } from '@skykeep/core/service-spec'

const reconciled = {
  rowVersion: 1,
  nextReconcileAtMs: null,
  claimCount: 0,
  setAsideReason: null,
  failureCount: 0,
  failureReason: null,
} as const

export function serviceRow(fields: Partial<Service> = {}): Service {
  return {
    ...reconciled,
    uid: 'svc_a',
    workspace: 'default',
    name: 'hello',
    createdAtMs: 0,
    createdBy: 'usr_a',
    desiredVersion: 1,
    desiredReplicas: 2,
    deletionRequestedAtMs: null,
    isPaused: false,
    schedule: null,
    generation: 1,
    status: 'REPLICA_INIT',
    statusReason: '',
    targetVersion: 1,
    latestEverReadyVersion: 0,
    observedGeneration: 1,
    nextReplicaId: 1,
    targetReplicas: 2,
    stableVersion: 1,
    readySinceMs: null,
    controllerSeenAtMs: null,
    ...fields,
  }
}

export function replicaRow(replicaId: number, fields: Partial<Replica> = {}): Replica {
  return {
    ...reconciled,
    uid: `rep_${replicaId}`,
    serviceUid: 'svc_a',
    serviceName: 'hello',
    replicaId,
    version: 1,
    infra: 'local',
    offerId: '',
    region: '',
    zone: '',
    instanceType: '',
    accelerator: '',
    isSpot: false,
    priceUsdPerHour: 0,
    createdAtMs: 0,
    isWanted: true,
    unwantedReason: '',
    status: 'PENDING',
    statusReason: '',
    statusChangedAtMs: 0,
    outcome: null,
    attempt: 0,
    nodeId: null,
    jobId: null,
    host: null,
    port: null,
    pid: null,
    pidStartTime: null,
    bootId: null,
    exitCode: null,
    firstReadyAtMs: null,
    probeFailures: 0,
    probeFailureMs: 0,
    startingMs: 0,
    drainStartedAtMs: null,
    unroutedAtTable: null,
    ...fields,
  }
}

export function endpointRow(fields: Partial<Endpoint> = {}): Endpoint {
  return {
    serviceUid: 'svc_a',
    host: '127.0.0.1',
    port: 30_001,
    status: 'PENDING',
    statusReason: '',
    createdAtMs: 0,
    releasedAtMs: null,
    ...fields,
  }
}

export function operationRow(fields: Partial<Operation> = {}): Operation {
  return {
    ...reconciled,
    uid: 'op_a',
    workspace: 'default',
    verb: 'serve.up',
    targetKind: 'service',
    targetUid: 'svc_a',
    targetName: 'hello',
    status: 'PENDING',
    statusReason: '',
    phase: '',
    details: {},
    requestedBy: 'usr_a',
    createdAtMs: 0,
    finishedAtMs: null,
    cancelRequestedAtMs: null,
    cancelRequestedBy: '',
    ...fields,
  }
}

export function specOf(fields: Partial<ServiceSpec['service']> = {}): ServiceSpec {
  return {
    specVersion: 1,
    name: 'hello',
    task: {
      run: 'true',
      envs: {},
      secretNames: [],
      resources: { infra: 'local', ports: [] },
    },
    service: {
      readinessProbe: {
        path: '/',
        initialDelaySeconds: 1_200,
        timeoutSeconds: 15,
        intervalSeconds: 10,
        failureThresholdSeconds: 180,
        headers: {},
      },
      replicas: 2,
      loadBalancingPolicy: 'least_load',
      ...fields,
    },
  }
}
