import { insertReplica, updateReplica } from '@skykeep/db/replicas'
import type { Database, Tx } from '@skykeep/db/handles'
import { listServices } from '@skykeep/db/services'
import { setOperationPhase } from '@skykeep/db/operations'
import { transition } from '@skykeep/db/transition'
import { insertRecoveryReport } from '@skykeep/db/recovery-reports'
import { insertUnfinished } from '@skykeep/db/unfinished-requests'
import type { Service } from '@skykeep/core/nouns'
import { randomIds } from '@skykeep/secrets/random-ids'

/** A value that must reach no browser. */
export const secretValue = 'sk-e2e-7f3c91d5a0b84e62'

const yamlOf = (name: string, replicas: number): string => `name: ${name}

resources:
  infra: local

envs:
  GREETING: hello

service:
  readiness_probe: /health
  replicas: ${replicas}

run: |
  node server.js --port "$PORT"
`

export interface Call {
  readonly origin: string
  readonly token: string
  readonly procedure: string
  readonly input: object
}

/** Asks for a change as the command line does. Returns the answer; throws what was refused. */
export async function call({ origin, token, procedure, input }: Call): Promise<unknown> {
  const response = await fetch(`${origin}/api/trpc/${procedure}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ json: input }),
  })
  const answer: unknown = await response.json()
  if (!response.ok) throw new Error(`${procedure} was not taken: ${JSON.stringify(answer)}`)
  return Object(Object(Object(answer).result).data).json
}

/** Asks for a service. Returns the operation's uid. */
export async function up(origin: string, token: string, name: string, replicas = 2): Promise<string> {
  const input = { yaml: yamlOf(name, replicas), secrets: { API_KEY: secretValue } }
  const answer = await call({ origin, token, procedure: 'services.up', input })
  return String(Object(answer).operationUid)
}

export async function serviceNamed(db: Database, name: string): Promise<Service> {
  const service = (await listServices(db)).items.find((each) => each.name === name)
  if (service === undefined) throw new Error(`no service ${name}`)
  return service
}

/** Writes what controllers would: an open endpoint, ready replicas, one that was lost, and a recovery. Returns the first replica's uid. */
export async function serve(db: Database, name: string, operationUid: string): Promise<string> {
  const service = await serviceNamed(db, name)
  return await db.transaction(async (tx) => {
    await transition(tx, {
      kind: 'operation',
      uid: operationUid,
      to: 'RUNNING',
      reason: 'CLAIMED',
      cause: operationUid,
    })
    await setOperationPhase(tx, operationUid, 'Starting 2 replicas')
    await transition(tx, {
      kind: 'endpoint',
      uid: service.uid,
      to: 'OPEN',
      reason: 'BOUND',
      message: 'The gateway listens.',
    })
    const first = await readyReplica(tx, service, 20_001)
    await readyReplica(tx, service, 20_002)
    await lostReplica(tx, service)
    await transition(tx, {
      kind: 'service',
      uid: service.uid,
      to: 'READY',
      reason: 'REPLICA_READY',
      message: 'A replica answers.',
    })
    await transition(tx, {
      kind: 'operation',
      uid: operationUid,
      to: 'SUCCEEDED',
      reason: 'READY',
      message: `${name} answers.`,
    })
    await recovery(tx, service)
    return first
  })
}

async function readyReplica(tx: Tx, service: Service, port: number): Promise<string> {
  const uid = randomIds.uid('rep')
  await insertReplica(tx, { uid, service, version: 1, infra: 'local' })
  await transition(tx, { kind: 'replica', uid, to: 'PROVISIONING', reason: 'NODE' })
  await transition(tx, { kind: 'replica', uid, to: 'STARTING', reason: 'LAUNCHED' })
  await updateReplica(tx, uid, {
    host: '127.0.0.1',
    port,
    pid: 41_000 + port,
    nodeId: `node-${port}`,
    jobId: `job-${port}`,
  })
  await transition(tx, {
    kind: 'replica',
    uid,
    to: 'READY',
    reason: 'PROBED',
    message: 'It answers its readiness probe.',
  })
  return uid
}

async function lostReplica(tx: Tx, service: Service): Promise<void> {
  const uid = randomIds.uid('rep')
  await insertReplica(tx, { uid, service, version: 1, infra: 'local' })
  await transition(tx, {
    kind: 'replica',
    uid,
    to: 'SHUTTING_DOWN',
    reason: 'LOST',
    message: 'Its process ended by signal 9.',
  })
  await updateReplica(tx, uid, { outcome: 'LOST', exitCode: 137 })
  await transition(tx, {
    kind: 'replica',
    uid,
    to: 'TERMINATED',
    reason: 'LOST',
    message: 'Its process ended by signal 9.',
  })
}

async function recovery(tx: Tx, service: Service): Promise<void> {
  const request = {
    id: 'r1',
    serviceUid: service.uid,
    serviceName: service.name,
    method: 'POST',
    path: '/v1/chat/completions',
    replicaUid: null,
    sinceMs: tx.clock.now() - 12_000,
    kind: 'stream',
  } as const
  await insertUnfinished(tx, 'epoch-1', [request])
  await insertRecoveryReport(tx, {
    serviceName: service.name,
    message: `${service.name} was taken over: 2 replicas adopted, its port kept.`,
    report: {
      uid: randomIds.uid('rpt'),
      serviceUid: service.uid,
      trigger: 'plane started',
      endpointPort: 30_001,
      adoptedReplicas: [`${service.name}-1`, `${service.name}-2`],
      resumedLaunches: [],
      resumedTeardowns: [`${service.name}-3`],
      orphans: [],
      targetReplicas: 2,
      targetVersion: 1,
      runningRequests: [],
      unfinishedRequests: [request],
    },
  })
}
