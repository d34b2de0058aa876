import type { UnfinishedRequest } from '@skykeep/core/routes'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs } from './milliseconds.ts'

/**
 * Stores what a dead gateway process life had in flight; the same report may come again after a lost ack.
 * @returns those that were new.
 */
export async function insertUnfinished(
  tx: Tx,
  epoch: string,
  requests: readonly UnfinishedRequest[],
): Promise<readonly UnfinishedRequest[]> {
  const known = await tx.client.unfinishedRequest.findMany({ where: { epoch }, select: { id: true } })
  const knownIds = new Set(known.map((row) => row.id))
  const fresh = requests.filter((request) => !knownIds.has(request.id))
  const reportedAtMs = fromMs(tx.clock.now())
  await tx.client.unfinishedRequest.createMany({
    data: fresh.map(({ id, serviceUid, serviceName, method, path, replicaUid, sinceMs, kind }) => ({
      epoch,
      id,
      serviceUid,
      serviceName,
      method,
      path,
      replicaUid,
      sinceMs: fromMs(sinceMs),
      kind,
      reportedAtMs,
    })),
  })
  return fresh
}

export interface UnfinishedFilter {
  readonly serviceUid?: string
  readonly epoch?: string
  /** Only those reported at this wall time or later. */
  readonly sinceReportedMs?: number
  /** 1 to 1000; default 100. */
  readonly limit?: number
}

/** The newest reported first. */
export async function listUnfinished(db: Db, filter: UnfinishedFilter = {}): Promise<UnfinishedRequest[]> {
  const rows = await db.client.unfinishedRequest.findMany({
    where: {
      ...(filter.serviceUid === undefined ? {} : { serviceUid: filter.serviceUid }),
      ...(filter.epoch === undefined ? {} : { epoch: filter.epoch }),
      ...(filter.sinceReportedMs === undefined
        ? {}
        : { reportedAtMs: { gte: fromMs(filter.sinceReportedMs) } }),
    },
    orderBy: [{ reportedAtMs: 'desc' }, { sinceMs: 'desc' }, { id: 'asc' }],
    take: Math.min(Math.max(Math.trunc(filter.limit ?? 100), 1), 1000),
  })
  return rows.map(({ id, serviceUid, serviceName, method, path, replicaUid, sinceMs, kind }) => ({
    id,
    serviceUid,
    serviceName,
    method,
    path,
    replicaUid,
    sinceMs: toMs(sinceMs),
    kind,
  }))
}
