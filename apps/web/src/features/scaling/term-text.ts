import type { JsonValue } from '@skykeep/core/events'

/** Names of the terms that a decision is made of, as people say them; others are spelled out. */
const labels: ReadonlyMap<string, string> = new Map([
  ['metric', 'Scaled by'],
  ['requestsPerSecond', 'Requests a second'],
  ['inFlight', 'In flight'],
  ['parked', 'Waiting for a replica'],
  ['isComplete', 'Counts complete'],
  ['targetQpsPerReplica', 'Wanted a replica, requests/s'],
  ['targetInFlightPerReplica', 'Wanted a replica, in flight'],
  ['queueLengthThreshold', 'Queue threshold'],
  ['capacityQps', 'Capacity, requests/s'],
  ['newReplicaQps', 'A new replica adds, requests/s'],
  ['existingReplicas', 'Replicas then'],
  ['before', 'Target before'],
  ['asked', 'Load asks for'],
  ['desired', 'Within bounds'],
  ['target', 'Target'],
  ['min', 'Minimum'],
  ['max', 'Maximum'],
  ['upTicks', 'Looks in a row for more'],
  ['downTicks', 'Looks in a row for fewer'],
])

/** `Requests a second` for `requestsPerSecond`; an unknown name in words. Pure. */
export function termLabel(name: string): string {
  const known = labels.get(name)
  if (known !== undefined) return known
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** A value of a decision as people write it: two decimals at most, yes and no. Pure. */
export function termValue(value: JsonValue): string {
  if (value === null) return 'unknown'
  if (typeof value === 'number') return String(Math.round(value * 100) / 100)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return value
  return JSON.stringify(value)
}
