import type { Replica, Rollout, RolloutGate, Service } from '@skykeep/core/nouns'
import type { ServingSpec } from '@skykeep/core/service-spec'
import { findAutoscalerState } from '@skykeep/db/autoscaling'
import { findEndpoint } from '@skykeep/db/endpoints'
import { listReplicas } from '@skykeep/db/replicas'
import { readCounts } from '@skykeep/db/request-counts'
import { findRunningRollout } from '@skykeep/db/rollouts'
import { listSpotLocations } from '@skykeep/db/spot-locations'
import { tickMs, type LoadSighting } from '@skykeep/serving/autoscale'
import { qpsCapacity } from '@skykeep/serving/capacity'
import { judgeGate, type GateSample } from '@skykeep/serving/rollouts/gate'
import { isOldAtFull } from '@skykeep/serving/rollouts/plan'
import { scheduleAt } from '@skykeep/serving/schedule'
import { providerOf } from '../context.ts'
import { offersFor, toReplicaOffer } from '../replicas/offers.ts'
import { goalVersionOf, isLiving, taskOf, type Placement, type ServiceFacts } from './facts.ts'
import type { ServiceWatch } from './memory.ts'
import { decideTarget } from './target.ts'
import type { ServiceControllerParts } from './parts.ts'
import type { VersionCache } from './versions.ts'

/** Ended replicas that are looked at: longer than any streak that changes a pause. */
const endedLimit = 20
/** The rate is that of the last minute (`sky/serve/constants.py`). */
const rateWindowSeconds = 60
/** Longest window that a gate looks at, seconds. */
const gateWindowSeconds = 300

export interface Observed {
  readonly facts: ServiceFacts
  /** Milliseconds until the next tick of the autoscaler, or the next change of off-hours; null without either. */
  readonly nextLookMs: number | null
}

export async function replicasOf(
  { database }: Pick<ServiceControllerParts, 'database'>,
  serviceUid: string,
): Promise<readonly Replica[]> {
  const { items: current } = await listReplicas(database, { serviceUid, limit: 500 })
  const ended = await listReplicas(database, {
    serviceUid,
    statuses: ['TERMINATED'],
    isHistoryIncluded: true,
    limit: endedLimit,
  })
  return [...current, ...ended.items]
}

/** Reads everything that a decision on one service needs. */
export async function observeService(
  parts: ServiceControllerParts,
  { watch, versions }: { readonly watch: ServiceWatch; readonly versions: VersionCache },
  service: Service,
  replicas: readonly Replica[],
): Promise<Observed> {
  const { uid } = service
  const { database, clock, routes } = parts
  const rollout = await findRunningRollout(database, uid)
  const goalVersion = goalVersionOf(service, rollout)
  const { spec } = await versions.get(uid, goalVersion)
  const taskVersions = await versions.taskVersions(uid, [
    service.targetVersion,
    goalVersion,
    ...(rollout === null ? [] : [rollout.fromVersion, rollout.toVersion]),
    ...replicas.map(({ version }) => version),
  ])
  const living = replicas.filter(isLiving)
  const scheduleSpec = service.schedule ?? spec.service.schedule ?? null
  const schedule =
    scheduleSpec === null || scheduleSpec.offHours.length === 0 ? null : scheduleAt(scheduleSpec, clock.now())
  const tick = await tickOf(parts, watch, { service, serving: spec.service })
  const useSpot = spec.task.resources.useSpot === true
  const target = decideTarget({
    service,
    serving: spec.service,
    isSpot: useSpot,
    state: tick.state,
    load: tick.load,
    schedule,
    replicas: living,
  })
  const ended = replicas
    .filter(({ outcome }) => outcome !== null)
    .toSorted((a, b) => b.replicaId - a.replicaId)
  const endpoint = await findEndpoint(database, uid)
  const facts: ServiceFacts = {
    service,
    replicas,
    target,
    rollout,
    taskVersions,
    ...(await sidesOf(versions, uid, rollout)),
    ...capacityIn(spec.service),
    settled: watch.settled(uid, living, (rollout?.settings.minReadySeconds ?? 0) * 1_000),
    gate: rollout === null ? null : await gateOf(parts, rollout, { replicas, taskVersions }),
    watchedMs: rollout === null ? 0 : watch.rolled(uid),
    placement: useSpot ? await placementOf(parts, uid, spec) : null,
    sinceLastEndMs: watch.sinceLastEnd(uid, ended[0]),
    isUnrouted: routes.isServiceUnrouted(uid),
    isEndpointReleased: endpoint === null || endpoint.status === 'RELEASED',
    nowMs: clock.now(),
  }
  const nextChangeAtMs = schedule?.nextChangeAtMs ?? null
  const nextChangeMs = nextChangeAtMs === null ? null : Math.max(0, nextChangeAtMs - clock.now())
  const looks = [tick.nextMs, nextChangeMs].flatMap((each) => (each === null ? [] : [each]))
  return { facts, nextLookMs: looks.length === 0 ? null : Math.min(...looks) }
}

/** What the two versions of a rollout are to each other. */
async function sidesOf(
  versions: VersionCache,
  serviceUid: string,
  rollout: Rollout | null,
): Promise<Pick<ServiceFacts, 'isExclusive' | 'initialDelayMs'>> {
  if (rollout === null) return { isExclusive: false, initialDelayMs: 0 }
  const to = await versions.get(serviceUid, rollout.toVersion)
  const from = await versions.get(serviceUid, rollout.fromVersion).catch(() => to)
  const ports = (one: typeof to): readonly number[] =>
    one.spec.service.replicaPort === undefined ? [] : one.spec.task.resources.ports
  return {
    isExclusive: to.taskVersion !== from.taskVersion && ports(to).some((port) => ports(from).includes(port)),
    initialDelayMs: to.spec.service.readinessProbe.initialDelaySeconds * 1_000,
  }
}

function capacityIn({ scaling }: ServingSpec): Pick<ServiceFacts, 'capacityOf'> {
  if (scaling?.metric.kind !== 'instance_aware') return {}
  const { targetQpsByAccelerator } = scaling.metric
  return { capacityOf: ({ accelerator }) => qpsCapacity(targetQpsByAccelerator, accelerator) }
}

interface Tick {
  readonly state: Awaited<ReturnType<typeof findAutoscalerState>>
  /** Present when a tick is due now. */
  readonly load: LoadSighting | null
  readonly nextMs: number | null
}

async function tickOf(
  parts: ServiceControllerParts,
  watch: ServiceWatch,
  { service, serving }: { readonly service: Service; readonly serving: ServingSpec },
): Promise<Tick> {
  const { scaling } = serving
  if (scaling === undefined || scaling.metric.kind === 'fixed')
    return { state: null, load: null, nextMs: null }
  const { uid } = service
  const state = await findAutoscalerState(parts.database, uid)
  const everyMs = tickMs(scaling, state?.targetReplicas ?? scaling.minReplicas)
  const { isComplete, inFlight, parked, windowEndSecond } = parts.routes.loadOf(uid)
  const waitMs = watch.untilTick(uid, everyMs)
  // Who waits at a service without replicas is not made to wait for a tick (invariant 18).
  const isWoken = parked > 0 && (state?.targetReplicas ?? scaling.minReplicas) === 0
  if (service.isPaused || (waitMs > 0 && !isWoken)) return { state, load: null, nextMs: waitMs }
  watch.noteTick(uid)
  const toSecond = windowEndSecond ?? Math.floor(parts.clock.now() / 1_000)
  const seconds = await readCounts(parts.database, {
    serviceUid: uid,
    fromSecond: toSecond - rateWindowSeconds + 1,
    toSecond,
  })
  const started = seconds.reduce((sum, second) => sum + second.started, 0)
  const load = { isComplete, requestsPerSecond: started / rateWindowSeconds, inFlight, parked }
  return { state, load, nextMs: everyMs }
}

/** New against old version over the present step of a canary, at most five minutes. */
async function gateOf(
  { database, routes }: ServiceControllerParts,
  rollout: Rollout,
  { replicas, taskVersions }: Pick<ServiceFacts, 'replicas' | 'taskVersions'>,
): Promise<RolloutGate | null> {
  if (rollout.mode !== 'canary' || !isOldAtFull(rollout) || rollout.stepMs === 0) return null
  const { windowEndSecond } = routes.loadOf(rollout.serviceUid)
  if (windowEndSecond === null) return null
  const task = taskOf({ taskVersions }, rollout.toVersion)
  const seen = new Set([...replicas.map(({ version }) => version), rollout.toVersion, rollout.fromVersion])
  const isFresh = (version: number): boolean => taskOf({ taskVersions }, version) === task
  const length = Math.min(gateWindowSeconds, Math.max(1, Math.ceil(rollout.stepMs / 1_000)))
  const sample = async (versions: readonly number[]): Promise<GateSample> => {
    const seconds = await readCounts(database, {
      serviceUid: rollout.serviceUid,
      fromSecond: windowEndSecond - length + 1,
      toSecond: windowEndSecond,
      versions,
    })
    return {
      ended: seconds.reduce((sum, { ended }) => sum + ended, 0),
      failed: seconds.reduce((sum, { failed }) => sum + failed, 0),
      latency: seconds.reduce<readonly number[]>(
        (sum, { latency }) =>
          Array.from(
            { length: Math.max(sum.length, latency.length) },
            (_, index) => (sum[index] ?? 0) + (latency[index] ?? 0),
          ),
        [],
      ),
    }
  }
  const fresh = await sample([...seen].filter(isFresh))
  const baseline = await sample([...seen].filter((version) => !isFresh(version)))
  return judgeGate(fresh, baseline, rollout.settings.canary)
}

/** An infra that cannot be asked now offers nothing now: the next look asks again. */
async function placementOf(
  parts: ServiceControllerParts,
  serviceUid: string,
  spec: Parameters<typeof offersFor>[1],
): Promise<Placement> {
  const provider = providerOf(parts, spec.task.resources.infra)
  const offers = await offersFor(provider, spec, { isSpot: true })
  return {
    infra: provider.infra,
    offers: offers.filter(({ isSpot }) => isSpot).map(toReplicaOffer),
    health: await listSpotLocations(parts.database, serviceUid),
  }
}
