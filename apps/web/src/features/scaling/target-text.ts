import type { ScalingMetric } from '@skykeep/core/service-spec'
import type { ServiceView } from '@skykeep/core/views'
import { plural } from '#src/format/quantity.ts'

const metricLabels: Readonly<Record<ScalingMetric['kind'], string>> = {
  fixed: 'A fixed number',
  request_rate: 'Requests a second',
  instance_aware: 'Requests a second, by what each replica can take',
  in_flight: 'Requests in flight',
  queue_length: 'Requests that wait',
}

/** What a service is scaled by, in words; an unknown metric as it is. Pure. */
export function metricText(metric: string): string {
  const known = Object.entries(metricLabels).find(([kind]) => kind === metric)
  return known?.[1] ?? metric
}

type Scaled = Pick<
  ServiceView,
  'isPaused' | 'schedule' | 'targetReplicas' | 'scalingMetric' | 'autoscaler' | 'decisions'
>

/** Why the target is what it is, in one or two sentences. Pure. */
export function targetText({ isPaused, schedule, targetReplicas, ...scaling }: Scaled): string {
  if (isPaused) return 'It is paused: no replica is wanted until somebody resumes it.'
  if (schedule !== null && schedule.isOff) {
    const { replicas } = schedule.spec
    return replicas === 0
      ? 'These are off-hours: no replica is wanted.'
      : `These are off-hours: ${plural(replicas, 'replica')} instead of what the load asks for.`
  }
  const { scalingMetric, autoscaler, decisions } = scaling
  if (scalingMetric === 'fixed') return 'Its YAML asks for this number, whatever the load.'
  const [latest] = decisions
  if (latest !== undefined) return sentence(latest.message)
  if (autoscaler === null) return 'The autoscaler has not looked at the load yet; it begins with the minimum.'
  return autoscaler.targetReplicas === targetReplicas
    ? 'The load asks for this number.'
    : `The load asks for ${autoscaler.targetReplicas}; over-provisioning makes ${targetReplicas} of it.`
}

/** `0 to 5`, or the one number where both are the same. Pure. */
export function boundsText({
  minReplicas,
  maxReplicas,
}: Pick<ServiceView, 'minReplicas' | 'maxReplicas'>): string {
  return minReplicas === maxReplicas ? String(minReplicas) : `${minReplicas} to ${maxReplicas}`
}

/** A message of the machine as a sentence: a capital at the beginning, a full stop at the end. Pure. */
export function sentence(message: string): string {
  if (message === '') return ''
  const begun = message.charAt(0).toUpperCase() + message.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
