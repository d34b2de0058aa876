import { insertScalingDecision, saveAutoscalerState } from '@skykeep/db/autoscaling'
import { finishDrill, insertDrill, reportDrill } from '@skykeep/db/drills'
import type { Database, Tx } from '@skykeep/db/handles'
import { insertReplica, updateReplica, type ReplicaOffer } from '@skykeep/db/replicas'
import { findRunningRollout, updateRollout } from '@skykeep/db/rollouts'
import { updateService } from '@skykeep/db/services'
import { saveSpotLocation } from '@skykeep/db/spot-locations'
import { transition } from '@skykeep/db/transition'
import type { DrillResult, DrillTarget, Service } from '@skykeep/core/nouns'
import { randomIds } from '@skykeep/secrets/random-ids'
import { call, secretValue, serviceNamed } from './seed.ts'

const yamlOf = (model: string, path: string): string => `name: model

resources:
  infra: sim
  accelerators: L4
  use_spot: true

envs:
  MODEL: ${model}

service:
  readiness_probe: ${path}
  replica_policy:
    min_replicas: 1
    max_replicas: 6
    target_qps_per_replica: 2.5
    dynamic_ondemand_fallback: true
  schedule:
    time_zone: Europe/Berlin
    off_hours: [mon-fri 22:00-06:00, sat-sun 00:00-00:00]
    replicas: 1

run: |
  serve --model "$MODEL" --port "$PORT"
`

const secrets = { API_KEY: secretValue }
const canary = { mode: 'canary', canary: { stepPercents: [10, 50], minRequests: 20 } }

/** A service (`model`) with everything that can happen to one: three versions, a canary under way, decisions, spot places, drills. */
export async function seedLife(db: Database, origin: string, token: string): Promise<void> {
  const ask = (procedure: string, input: object): Promise<unknown> =>
    call({ origin, token, procedure, input })
  await ask('services.up', { yaml: yamlOf('small', '/health'), secrets })
  const { uid } = await serviceNamed(db, 'model')
  await ask('services.update', { name: 'model', yaml: yamlOf('small', '/ready'), secrets })
  await finishRollout(db, uid, 2)
  await ask('services.update', { name: 'model', yaml: yamlOf('large', '/ready'), secrets, policy: canary })
  const service = await serviceNamed(db, 'model')
  await db.transaction(async (tx) => {
    await transition(tx, { kind: 'endpoint', uid, to: 'OPEN', reason: 'BOUND' })
    for (const [version, offer] of offers) await readyReplica(tx, service, version, offer)
    await transition(tx, { kind: 'service', uid, to: 'READY', reason: 'REPLICA_READY' })
    await updateService(tx, uid, {
      targetVersion: 3,
      targetReplicas: 4,
      readySinceMs: tx.clock.now() - 7_200_000,
    })
    await decisions(tx, service)
    await saveSpotLocation(tx, uid, { ...places[0], infra: 'sim', status: 'ACTIVE' })
    await saveSpotLocation(tx, uid, { ...places[1], infra: 'sim', status: 'PREEMPTED' })
    await canaryStep(tx, uid)
  })
  for (const [target, recoveredMs] of [
    ['worker', 760],
    ['replica', null],
    ['worker', 512],
  ] as const) {
    await db.transaction((tx) => endedDrill(tx, service, target, recoveredMs))
  }
}

/** Ends the rollout that runs, as its controller does. */
async function finishRollout(db: Database, uid: string, version: number): Promise<void> {
  const rollout = await findRunningRollout(db, uid)
  if (rollout === null) throw new Error('no rollout runs')
  await db.transaction(async (tx) => {
    await transition(tx, {
      kind: 'rollout',
      uid: rollout.uid,
      to: 'SUCCEEDED',
      reason: 'DONE',
      message: `version ${version} serves`,
    })
    await updateService(tx, uid, { targetVersion: version, stableVersion: version })
  })
}

const places = [
  { region: 'eu-1', zone: 'eu-1-a' },
  { region: 'eu-1', zone: 'eu-1-b' },
] as const
const offer = { instanceType: 'g6.xlarge', accelerator: 'L4:1' }
const offers: readonly (readonly [number, ReplicaOffer])[] = [
  [1, { ...offer, ...places[0], offerId: 'spot-a', isSpot: true, priceUsdPerHour: 0.2841 }],
  [1, { ...offer, ...places[0], offerId: 'spot-a', isSpot: true, priceUsdPerHour: 0.2841 }],
  [2, { ...offer, ...places[1], offerId: 'demand-b', isSpot: false, priceUsdPerHour: 0.8048 }],
  [3, { ...offer, ...places[0], offerId: 'spot-a', isSpot: true, priceUsdPerHour: 0.2841 }],
]

async function readyReplica(tx: Tx, service: Service, version: number, given: ReplicaOffer): Promise<void> {
  const uid = randomIds.uid('rep')
  await insertReplica(tx, { uid, service, version, infra: 'sim', offer: given })
  for (const to of ['PROVISIONING', 'STARTING', 'READY'] as const) {
    await transition(tx, { kind: 'replica', uid, to, reason: 'SEEN' })
  }
  await updateReplica(tx, uid, { host: '10.0.0.7', port: 8080 })
}

async function decisions(tx: Tx, { uid, name }: Service): Promise<void> {
  const terms = { metric: 'request_rate', targetQpsPerReplica: 2.5, min: 1, max: 6, isComplete: true }
  const steps = [
    [1, 3, 'RATE_UP', '7.2 requests a second need 3 replicas of 2.5', 7.2],
    [3, 4, 'RATE_UP', '9.6 requests a second need 4 replicas of 2.5', 9.6],
  ] as const
  for (const [fromReplicas, toReplicas, reason, message, requestsPerSecond] of steps) {
    await insertScalingDecision(tx, {
      serviceName: name,
      decision: {
        uid: randomIds.uid('dec'),
        serviceUid: uid,
        fromReplicas,
        toReplicas,
        reason,
        message,
        terms: { ...terms, requestsPerSecond, before: fromReplicas, target: toReplicas },
      },
    })
  }
  const nowMs = tx.clock.now()
  await saveAutoscalerState(tx, {
    serviceUid: uid,
    targetReplicas: 4,
    upTicks: 0,
    downTicks: 3,
    tickedAtMs: nowMs - 8000,
    changedAtMs: nowMs - 95_000,
  })
}

async function canaryStep(tx: Tx, serviceUid: string): Promise<void> {
  const rollout = await findRunningRollout(tx, serviceUid)
  await updateRollout(tx, rollout?.uid ?? '', {
    step: 0,
    stepMs: 24_000,
    stalledMs: 12_000,
    readyPeak: 1,
    gate: {
      requests: 14,
      errorRatio: 0,
      p95Ms: 250,
      baselineRequests: 131,
      baselineErrorRatio: 0.0076,
      baselineP95Ms: 250,
      verdict: 'waiting',
      reason: '14 of 20 requests that it takes to judge',
    },
  })
}

/** Records a drill that begins, as the process that runs it does. */
export async function startedDrill(tx: Tx, service: Service, target: DrillTarget): Promise<string> {
  const { uid } = await insertDrill(tx, {
    uid: randomIds.uid('drl'),
    serviceUid: service.uid,
    serviceName: service.name,
    target,
    repeats: 1,
    startedBy: service.createdBy,
    expiresAtMs: tx.clock.now() + 60_000,
  })
  return uid
}

/** What a drill of one round found. */
export function drillResult(target: DrillTarget, recoveredMs: number | null): DrillResult {
  const failed = recoveredMs === null ? { 'HTTP 502': 3 } : {}
  const seen = { requests: 212, failed, repeated: 0, longestGapMs: 41, slowestMs: 35 }
  return {
    ...seen,
    rounds: [{ ...seen, target, killedPids: [4711], recoveredMs }],
    adopted: target === 'worker' ? ['model-1', 'model-2', 'model-3', 'model-4'] : [],
    resumed: [],
    orphans: [],
    unfinished: 0,
  }
}

async function endedDrill(
  tx: Tx,
  service: Service,
  target: DrillTarget,
  recoveredMs: number | null,
): Promise<void> {
  const uid = await startedDrill(tx, service, target)
  const result = drillResult(target, recoveredMs)
  await reportDrill(tx, uid, { phase: 'round 1 of 1: killed it', result: null, expiresAtMs: tx.clock.now() })
  const isKept = recoveredMs !== null
  await finishDrill(tx, uid, {
    status: isKept ? 'SUCCEEDED' : 'FAILED',
    statusReason: isKept
      ? 'nothing was lost: 212 requests through one death of the worker, every one answered'
      : 'not all was as before within 120 s (round 1); 3 of 212 requests failed (round 1)',
    result,
  })
}
