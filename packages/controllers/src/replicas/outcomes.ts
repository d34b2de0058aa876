import type { Replica } from '@skykeep/core/nouns'

/** How the reason of a replica begins that its infra had no room for, until its row is forgotten. */
export const noCapacityPrefix = 'no capacity: '

type Ended = Pick<Replica, 'outcome' | 'statusReason'>

/** True for a replica that ended because its infra had no room for it: out of stock, or over its quota. */
export function isWithoutCapacity({ outcome, statusReason }: Ended): boolean {
  return outcome === 'FAILED_PROVISION' && statusReason.startsWith(noCapacityPrefix)
}

/** True for an end that the service itself is to blame for; what a person, the host or the infra ended is not. */
export function isChargeable(replica: Ended): boolean {
  switch (replica.outcome) {
    case null:
    case 'REMOVED':
    case 'LOST':
    case 'PREEMPTED':
      return false
    case 'FAILED_PROVISION':
      return !isWithoutCapacity(replica)
    default:
      return true
  }
}
