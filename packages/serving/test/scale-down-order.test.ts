import type { ReplicaStatus } from '@skykeep/core/statuses'
import { expect, it } from 'vitest'
import { inRemovalOrder } from '../src/scale-down-order.ts'

function replica(status: ReplicaStatus, version: number, replicaId: number) {
  return { status, version, replicaId }
}

it('by status, then the older version, then the newest number (skypilot §2.10)', () => {
  const expected = [
    replica('PENDING', 2, 9),
    replica('PROVISIONING', 2, 8),
    replica('STARTING', 1, 3),
    replica('STARTING', 2, 7),
    replica('STARTING', 2, 6),
    replica('NOT_READY', 2, 5),
    replica('READY', 1, 2),
    replica('READY', 1, 1),
    replica('READY', 2, 4),
  ]
  const given = expected.toReversed()
  expect(inRemovalOrder(given)).toEqual(expected)
  expect(given[0]).toEqual(replica('READY', 2, 4))
})

it('what takes less goes first among those of one status, where capacities are known', () => {
  const capacity: Readonly<Record<number, number>> = { 1: 0.5, 2: 2.5, 3: 0.5, 4: 2.5 }
  const given = [
    replica('READY', 1, 1),
    replica('READY', 1, 2),
    replica('READY', 2, 3),
    replica('STARTING', 2, 4),
  ]
  const order = inRemovalOrder(given, ({ replicaId }) => capacity[replicaId] ?? 0)
  expect(order.map(({ replicaId }) => replicaId)).toEqual([4, 1, 3, 2])
})
