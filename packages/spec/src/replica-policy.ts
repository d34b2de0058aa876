import type { ResourcesSpec, ScalingSpec } from '@skykeep/core/service-spec'
import type { ProblemList } from './problem.ts'
import { reportKey, reportValue } from './report.ts'
import { readBoolean, readChoice, readNumber } from './scalars.ts'
import { metricKeys, readScalingMetric } from './scaling-metric.ts'
import { readMap, readSection, type Field } from './section.ts'

const replicaRange = { least: 0, most: 100, isInteger: true }
const delayRange = { least: 0, most: 86_400, isInteger: false }
/** SkyPilot's (`sky/serve/constants.py`); requests in flight are followed at once. */
const defaultDelays = { up: 300, upInFlight: 0, down: 1200 }

type Fields = ReadonlyMap<string, Field>

export interface WantedReplicas {
  /** The fixed number, or the one to begin with. */
  readonly replicas: number
  readonly scaling?: ScalingSpec
}

/** `service.replicas`, or `service.replica_policy`; without either: one. */
export function readReplicas(
  service: Fields,
  resources: ResourcesSpec,
  problems: ProblemList,
): WantedReplicas {
  const replicas = service.get('replicas')
  const policy = service.get('replica_policy')
  if (replicas !== undefined && policy !== undefined) {
    problems.error({
      path: policy.path,
      span: policy.keySpan,
      value: 'both',
      message: '`service.replicas` and `service.replica_policy` exclude each other',
      hint: 'Keep `replicas` for a fixed number and remove `replica_policy`.',
      shows: 'head',
    })
  }
  if (replicas !== undefined) return { replicas: readNumber(replicas, replicaRange, problems) ?? 1 }
  return policy === undefined ? { replicas: 1 } : readReplicaPolicy(policy, resources, problems)
}

function readReplicaPolicy(field: Field, resources: ResourcesSpec, problems: ProblemList): WantedReplicas {
  const map = readMap(field, problems)
  if (map === undefined) return { replicas: 1 }
  const fields = readSection(map, 'service.replica_policy', problems)
  const bounds = readBounds(field, fields, problems)
  const metric = readScalingMetric(fields, resources, problems)
  const fallback = readFallback(fields, resources, problems)
  const delays = readDelays(fields, metric?.kind === 'in_flight', problems)
  if (!metricKeys.some((key) => fields.has(key))) {
    if (bounds.isOpen) reportNoMetric(fields, problems)
    warnOfIdleDelays(fields, problems)
  } else if (!fields.has('max_replicas')) reportNoMaximum(field, problems)
  const isPlain =
    metric === undefined &&
    fallback.numOverprovision === 0 &&
    !fallback.isDynamicOndemandFallback &&
    fallback.baseOndemandFallbackReplicas === 0 &&
    fallback.spotPlacer === undefined
  if (isPlain) return { replicas: bounds.min }
  const scaling: ScalingSpec = {
    minReplicas: bounds.min,
    maxReplicas: bounds.max,
    metric: metric ?? { kind: 'fixed' },
    ...fallback,
    ...delays,
  }
  return { replicas: bounds.min, scaling }
}

interface Bounds {
  readonly min: number
  readonly max: number
  /** Both are right, and differ. */
  readonly isOpen: boolean
}

function readBounds(policy: Field, fields: Fields, problems: ProblemList): Bounds {
  const least = fields.get('min_replicas')
  const most = fields.get('max_replicas')
  if (least === undefined) {
    const message = '`service.replica_policy` needs `min_replicas`'
    const hint = 'Write `min_replicas: 2`, or `replicas: 2` instead of the policy.'
    reportKey(policy, { message, hint }, problems)
    return { min: 1, max: 1, isOpen: false }
  }
  const min = readNumber(least, replicaRange, problems)
  const max = most === undefined ? min : readNumber(most, replicaRange, problems)
  if (min === undefined || max === undefined) return { min: min ?? 1, max: min ?? 1, isOpen: false }
  if (most !== undefined && max < min) {
    const message = '`max_replicas` is below `min_replicas`'
    const hint = 'Write the same number for both, or a higher one here.'
    reportValue(most, { message, hint }, problems)
    return { min, max: min, isOpen: false }
  }
  return { min, max, isOpen: max > min }
}

/** SkyPilot's rule: bounds that differ need something to decide by. */
function reportNoMetric(fields: Fields, problems: ProblemList): void {
  const most = fields.get('max_replicas')
  if (most === undefined) return
  reportValue(
    most,
    {
      message: '`max_replicas` above `min_replicas` needs a metric to scale by',
      hint: 'Add `target_qps_per_replica: 2`, `target_in_flight_per_replica: 4` or `queue_length_threshold: 1`; or write the same number for both.',
    },
    problems,
  )
}

/** SkyPilot's rule as well. */
function reportNoMaximum(policy: Field, problems: ProblemList): void {
  const message = '`service.replica_policy` scales by a metric and needs `max_replicas`'
  reportKey(policy, { message, hint: 'Write for example `max_replicas: 4`.' }, problems)
}

function warnOfIdleDelays(fields: Fields, problems: ProblemList): void {
  for (const key of ['upscale_delay_seconds', 'downscale_delay_seconds']) {
    const field = fields.get(key)
    if (field === undefined) continue
    problems.warning({
      path: field.path,
      span: field.keySpan,
      value: 'without effect',
      message: `\`${field.path}\` has no effect: the number of replicas is fixed`,
      hint: 'Remove it, or add a metric such as `target_qps_per_replica` and a higher `max_replicas`.',
      shows: 'head',
    })
  }
}

type Delays = Pick<ScalingSpec, 'upscaleDelaySeconds' | 'downscaleDelaySeconds'>

function readDelays(fields: Fields, isInFlight: boolean, problems: ProblemList): Delays {
  const seconds = (key: string, fallback: number): number => {
    const field = fields.get(key)
    return field === undefined ? fallback : (readNumber(field, delayRange, problems) ?? fallback)
  }
  return {
    upscaleDelaySeconds: seconds(
      'upscale_delay_seconds',
      isInFlight ? defaultDelays.upInFlight : defaultDelays.up,
    ),
    downscaleDelaySeconds: seconds('downscale_delay_seconds', defaultDelays.down),
  }
}

type Fallback = Pick<
  ScalingSpec,
  'numOverprovision' | 'isDynamicOndemandFallback' | 'baseOndemandFallbackReplicas' | 'spotPlacer'
>

function readFallback(fields: Fields, resources: ResourcesSpec, problems: ProblemList): Fallback {
  const count = (key: string): number => {
    const field = fields.get(key)
    return field === undefined ? 0 : (readNumber(field, replicaRange, problems) ?? 0)
  }
  const dynamic = fields.get('dynamic_ondemand_fallback')
  const placer = fields.get('spot_placer')
  const spotPlacer = placer === undefined ? undefined : readChoice(placer, ['dynamic_fallback'], problems)
  const fallback = {
    numOverprovision: count('num_overprovision'),
    isDynamicOndemandFallback: dynamic !== undefined && readBoolean(dynamic, problems) === true,
    baseOndemandFallbackReplicas: count('base_ondemand_fallback_replicas'),
    ...(spotPlacer === undefined ? {} : { spotPlacer }),
  }
  if (resources.useSpot === true) return fallback
  const asked = [
    fallback.isDynamicOndemandFallback ? dynamic : undefined,
    fallback.baseOndemandFallbackReplicas > 0 ? fields.get('base_ondemand_fallback_replicas') : undefined,
    spotPlacer === undefined ? undefined : placer,
  ]
  for (const field of asked) if (field !== undefined) reportNoSpot(field, problems)
  return fallback
}

function reportNoSpot(field: Field, problems: ProblemList): void {
  const message = `\`${field.path}\` is about spot replicas, and this service has none`
  const hint = 'Add `use_spot: true` (and `infra: sim`) to `resources`, or remove the key.'
  reportValue(field, { message, hint }, problems)
}
