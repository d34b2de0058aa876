import type { ResourcesSpec, ScalingMetric, ServiceSpec } from '@skykeep/core/service-spec'
import { plural } from '#src/format/quantity.ts'

const metricWords: Readonly<Record<ScalingMetric['kind'], string>> = {
  fixed: '',
  request_rate: 'by requests a second',
  instance_aware: 'by requests a second and accelerator',
  in_flight: 'by requests in flight',
  queue_length: 'by requests that wait',
}

/** How many replicas, and what that follows. Pure. */
export function replicasText({ service }: ServiceSpec): string {
  const { replicas, scaling } = service
  if (scaling === undefined || scaling.metric.kind === 'fixed')
    return plural(replicas, 'replica') + (replicas === 0 ? ': nothing runs' : ', always')
  const asleep = scaling.minReplicas === 0 ? '; with 0 the first request waits for a replica' : ''
  return `${scaling.minReplicas} to ${plural(scaling.maxReplicas, 'replica')} ${metricWords[scaling.metric.kind]}${asleep}`
}

/** What one replica asks for. Pure. */
export function sizeText({ cpus, memoryGib, accelerators, isAcceleratorOrdered }: ResourcesSpec): string {
  const names = (accelerators ?? []).map(({ name, count }) => `${name}:${count}`)
  const joined = names.join(isAcceleratorOrdered === true ? ', else ' : ' or ')
  const parts = [
    ...(cpus === undefined ? [] : [`${cpus.value}${cpus.atLeast ? ' or more' : ''} vCPU`]),
    ...(memoryGib === undefined ? [] : [`${memoryGib.value}${memoryGib.atLeast ? ' or more' : ''} GiB`]),
    ...(joined === '' ? [] : [joined]),
  ]
  return parts.length === 0 ? 'no wish for size' : parts.join(', ')
}

/** Where a replica is launched and what that costs, as far as it is known before the worker asks the infra. Pure. */
export function placeText({ infra, useSpot }: ResourcesSpec): string {
  if (infra === 'local') return 'This machine (local): a process group in its own folder, $0/h.'
  const kind = useSpot === true ? 'spot' : 'on-demand'
  return `The simulated cloud (sim): the cheapest ${kind} offer that fits and has capacity when the replica is launched, and the next one where it has none. Its price stands on the replica from then on.`
}

/** Why it is not launched anywhere else. Pure. */
export function notElsewhereText({ infra }: ResourcesSpec): string {
  const other = infra === 'local' ? 'sim' : 'local'
  return `${other}: the YAML asks for ${infra}. Other infras have no provider here yet and are refused by name.`
}
