import type { Db } from './handles.ts'

/** How many replicas of each of these services are READY; a service without one is left out. */
export async function countReadyReplicas(
  db: Db,
  serviceUids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const groups = await db.client.replica.groupBy({
    by: ['serviceUid'],
    where: { serviceUid: { in: [...serviceUids] }, status: 'READY' },
    _count: true,
  })
  return new Map(groups.map((group) => [group.serviceUid, group._count]))
}
