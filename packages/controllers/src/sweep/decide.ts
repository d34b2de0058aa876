import type { ReplicaStatus } from '@skykeep/core/statuses'

/** A node that a provider lists under this installation's tag. */
export interface TaggedNode {
  readonly nodeId: string
  readonly infra: string
  /** uid of the replica that it was created for. */
  readonly ownerUid: string
}

/** The row that a tag names, terminated ones included: a terminated row is the tombstone. */
export interface OwnerRow {
  readonly uid: string
  readonly status: ReplicaStatus
  readonly nodeId: string | null
  readonly statusChangedAtMs: number
}

export type SweepVerdict = 'owned' | 'reap' | 'orphan'

/**
 * Judges one listed node. Only what has a tombstone of this installation's own is reaped; a node whose row is unknown is only reported, and
 * so is one whose tombstone came with a restored backup: the rows may be older than the world, or a copy of another's (invariant 3). Pure.
 * @param restoredAtMs when a backup was restored into this database; null: never
 */
export function judgeNode(
  node: TaggedNode,
  owner: OwnerRow | undefined,
  restoredAtMs: number | null,
): SweepVerdict {
  if (owner === undefined) return 'orphan'
  if (owner.status === 'TERMINATED') {
    return restoredAtMs === null || owner.statusChangedAtMs > restoredAtMs ? 'reap' : 'orphan'
  }
  // A living row that names another node: an earlier attempt of the same replica, or a clone's. Not proven dead: report.
  if (owner.nodeId !== null && owner.nodeId !== node.nodeId) return 'orphan'
  return 'owned'
}
