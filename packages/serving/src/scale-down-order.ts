import type { ReplicaStatus } from '@skykeep/core/statuses'

/** What decides who goes first. */
export interface RemovableReplica {
  readonly status: ReplicaStatus
  readonly version: number
  readonly replicaId: number
}

/** SkyPilot's `scale_down_decision_order`: the least useful first. */
const removalOrder: readonly ReplicaStatus[] = ['PENDING', 'PROVISIONING', 'STARTING', 'NOT_READY', 'READY']

/**
 * The replicas in the order in which scaling down removes them (SkyPilot's `_select_nonterminal_replicas_to_scale_down`): by status,
 * then what takes the least, then the older version, then the newest number. The input stays as it is.
 * @param capacityOf requests a second, for instance-aware scaling; unless given all are alike.
 */
export function inRemovalOrder<R extends RemovableReplica>(
  replicas: readonly R[],
  capacityOf: (replica: R) => number = () => 0,
): readonly R[] {
  return replicas.toSorted(
    (a, b) =>
      removalOrder.indexOf(a.status) - removalOrder.indexOf(b.status) ||
      capacityOf(a) - capacityOf(b) ||
      a.version - b.version ||
      b.replicaId - a.replicaId,
  )
}
