import {
  loadBalancingPolicies,
  type LoadBalancingPolicy,
  type ScalingMetric,
  type ServingSpec,
} from '@skykeep/core/service-spec'
import { readAccess } from './access-section.ts'
import { checkHash, readHash } from './hash-section.ts'
import { readHedge } from './hedge-section.ts'
import { readOutliers } from './outlier-section.ts'
import type { ProblemList } from './problem.ts'
import { reportKey, reportValue } from './report.ts'
import { readBoolean, readChoice, readNumber } from './scalars.ts'
import { childField, readMap, readSection, type Field } from './section.ts'

const defaultStreamTimeoutSeconds = 120
const share = { least: 0, most: 1, isInteger: false }
const ranges = {
  stream_timeout_seconds: { least: 1, most: 86_400, isInteger: false },
  max_concurrency_per_replica: { least: 1, most: 100_000, isInteger: true },
  max_parked_requests: { least: 0, most: 100_000, isInteger: true },
  parking_timeout_seconds: { least: 1, most: 3600, isInteger: false },
}

type Balancing = Pick<
  ServingSpec,
  | 'hash'
  | 'prefersSameZone'
  | 'streamTimeoutSeconds'
  | 'maxConcurrencyPerReplica'
  | 'maxParkedRequests'
  | 'parkingTimeoutSeconds'
  | 'access'
  | 'outlierDetection'
  | 'accessLog'
  | 'hedge'
>

/** `service.load_balancer`. */
export function readLoadBalancer(field: Field | undefined, problems: ProblemList): Balancing {
  const map = field === undefined ? undefined : readMap(field, problems)
  const fields = map === undefined ? undefined : readSection(map, 'service.load_balancer', problems)
  const read = (key: keyof typeof ranges): number | undefined => {
    const given = fields?.get(key)
    return given === undefined ? undefined : readNumber(given, ranges[key], problems)
  }
  const maxConcurrencyPerReplica = read('max_concurrency_per_replica')
  const maxParkedRequests = read('max_parked_requests')
  const parkingTimeoutSeconds = read('parking_timeout_seconds')
  const hash = readHash(field, problems)
  const zoneField = fields?.get('prefer_same_zone')
  const prefersSameZone = zoneField !== undefined && readBoolean(zoneField, problems) === true
  const access = readAccess(fields?.get('access'), problems)
  const outlierDetection = readOutliers(fields?.get('outlier_detection'), problems)
  const accessLog = readAccessLog(fields?.get('access_log'), problems)
  const hedge = readHedge(fields?.get('hedge'), problems)
  return {
    ...(hedge === undefined ? {} : { hedge }),
    ...(accessLog === undefined ? {} : { accessLog }),
    ...(access === undefined ? {} : { access }),
    ...(outlierDetection === undefined ? {} : { outlierDetection }),
    streamTimeoutSeconds: read('stream_timeout_seconds') ?? defaultStreamTimeoutSeconds,
    ...(hash === undefined ? {} : { hash }),
    ...(prefersSameZone ? { prefersSameZone } : {}),
    ...(maxConcurrencyPerReplica === undefined ? {} : { maxConcurrencyPerReplica }),
    ...(maxParkedRequests === undefined ? {} : { maxParkedRequests }),
    ...(parkingTimeoutSeconds === undefined ? {} : { parkingTimeoutSeconds }),
  }
}

/** `service.load_balancer.access_log`; an empty one: every request. */
function readAccessLog(field: Field | undefined, problems: ProblemList): Balancing['accessLog'] {
  const map = field === undefined ? undefined : readMap(field, problems)
  if (map === undefined) return undefined
  const given = readSection(map, 'service.load_balancer.access_log', problems).get('sample')
  return { sample: (given === undefined ? undefined : readNumber(given, share, problems)) ?? 1 }
}

interface BalancedService {
  readonly fields: ReadonlyMap<string, Field>
  readonly metric: ScalingMetric | undefined
  readonly minReplicas: number
  readonly balancing: Balancing
}

/** `service.load_balancing_policy`, and what it and the limits have to do with how the service scales. */
export function readPolicy(given: BalancedService, problems: ProblemList): LoadBalancingPolicy {
  const field = given.fields.get('load_balancing_policy')
  const policy = field === undefined ? undefined : readChoice(field, loadBalancingPolicies, problems)
  checkInstanceAware(given, { field, policy }, problems)
  checkHash({ balancer: given.fields.get('load_balancer'), policyField: field, policy }, problems)
  checkWaiting(given, problems)
  return policy ?? 'least_load'
}

/** SkyPilot's rule: the policy and targets by accelerator go together. */
function checkInstanceAware(
  { fields, metric }: BalancedService,
  { field, policy }: { readonly field: Field | undefined; readonly policy: LoadBalancingPolicy | undefined },
  problems: ProblemList,
): void {
  const target = childField(fields.get('replica_policy'), 'target_qps_per_replica')
  const isBroken = field !== undefined && policy === undefined
  const isPolicy = policy === 'instance_aware_least_load'
  if (metric?.kind === 'instance_aware' && !isPolicy && !isBroken && target !== undefined) {
    const message = 'targets by accelerator need `load_balancing_policy: instance_aware_least_load`'
    const hint = 'Write that policy under `service`, or one number for all replicas.'
    reportKey(target, { message, hint }, problems)
  }
  if (isPolicy && field !== undefined && target?.node.kind !== 'map') {
    const message = '`instance_aware_least_load` needs `replica_policy.target_qps_per_replica` by accelerator'
    const hint = 'Write for example `target_qps_per_replica: {L4: 0.5, "H100:1": 2.5}`, or `least_load` here.'
    reportValue(field, { message, hint }, problems)
  }
}

/** Scaling that looks at requests that wait needs requests that can wait. */
function checkWaiting(
  { fields, metric, minReplicas, balancing }: BalancedService,
  problems: ProblemList,
): void {
  if (metric?.kind !== 'in_flight' && metric?.kind !== 'queue_length') return
  const parked = childField(fields.get('load_balancer'), 'max_parked_requests')
  if (balancing.maxParkedRequests === 0 && parked !== undefined) {
    if (metric.kind === 'in_flight' && minReplicas > 0) return
    const message =
      metric.kind === 'queue_length'
        ? '`queue_length_threshold` scales by the requests that wait, and none may wait'
        : 'nothing would wake the service from zero: no request may wait'
    reportValue(parked, { message, hint: 'Write a higher number, or remove the key.' }, problems)
    return
  }
  const threshold = childField(fields.get('replica_policy'), 'queue_length_threshold')
  if (metric.kind === 'in_flight' || threshold === undefined) return
  if (balancing.maxConcurrencyPerReplica !== undefined) return
  const message =
    '`queue_length_threshold` needs `load_balancer.max_concurrency_per_replica`: without a limit no request waits'
  const hint =
    'Write `max_concurrency_per_replica: 4` under `load_balancer`, or scale by `target_in_flight_per_replica`.'
  reportKey(threshold, { message, hint }, problems)
}
