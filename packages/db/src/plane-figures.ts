import type { JsonValue } from '@skykeep/core/events'
import type {
  EndpointStatus,
  OperationStatus,
  ReplicaStatus,
  RolloutStatus,
  ServiceStatus,
} from '@skykeep/core/statuses'
import type { Db } from './handles.ts'
import { fromMs, toMs, toMsOrNull } from './milliseconds.ts'
import type { DrivenKind } from './reconciliations.ts'

/** One number for each of a closed set; what has none is not in it. */
interface Counted<K> {
  readonly of: K
  readonly count: number
}

export interface QueueFigures {
  readonly kind: DrivenKind
  readonly due: number
  /** Since when the row that waits longest has been due, wall ms. */
  readonly oldestDueAtMs: number
}

export interface ServiceFigures {
  readonly uid: string
  readonly name: string
  readonly status: ServiceStatus
  readonly targetVersion: number
  readonly desiredReplicas: number
  readonly targetReplicas: number
  readonly isPaused: boolean
  readonly controllerSeenAtMs: number | null
  readonly endpointStatus: EndpointStatus | null
  readonly runningRollout: RolloutStatus | null
  readonly autoscaler: {
    readonly targetReplicas: number
    readonly upTicks: number
    readonly downTicks: number
  } | null
  /** Of the last change of mind of the autoscaler; empty before the first. */
  readonly terms: { readonly [key: string]: JsonValue }
  readonly replicas: readonly Counted<ReplicaStatus>[]
  readonly unfinishedRequests: number
}

/** What a control plane looks like now, in a few cheap reads: for a scrape. */
export interface PlaneFigures {
  readonly queues: readonly QueueFigures[]
  readonly setAside: readonly Counted<DrivenKind>[]
  readonly operations: readonly Counted<OperationStatus>[]
  /** When a worker last moved its counter, wall ms; null before the first. */
  readonly heartbeatAtMs: number | null
  /** Living ones, at most 500. */
  readonly services: readonly ServiceFigures[]
}

const mostServices = 500

/** Reads the figures; each part is of its own instant. */
export async function readPlaneFigures(db: Db): Promise<PlaneFigures> {
  const { client } = db
  const due = await client.reconciliation.groupBy({
    by: ['kind'],
    where: { nextReconcileAtMs: { lte: fromMs(db.clock.now()) }, leaseOwner: null, setAsideReason: null },
    _count: { uid: true },
    _min: { nextReconcileAtMs: true },
  })
  const aside = await client.reconciliation.groupBy({
    by: ['kind'],
    where: { setAsideReason: { not: null } },
    _count: { uid: true },
  })
  const operations = await client.operation.groupBy({
    by: ['status'],
    where: { status: { in: ['PENDING', 'RUNNING'] } },
    _count: { uid: true },
  })
  const worker = await client.plane.findFirst({
    where: { role: 'worker' },
    orderBy: { heartbeatAtMs: 'desc' },
    select: { heartbeatAtMs: true },
  })
  return {
    queues: due.map(({ kind, _count, _min }) => ({
      kind,
      due: _count.uid,
      oldestDueAtMs: toMsOrNull(_min.nextReconcileAtMs) ?? db.clock.now(),
    })),
    setAside: aside.map(({ kind, _count }) => ({ of: kind, count: _count.uid })),
    operations: operations.map(({ status, _count }) => ({ of: status, count: _count.uid })),
    heartbeatAtMs: worker === null ? null : toMs(worker.heartbeatAtMs),
    services: await readServices(db),
  }
}

async function readServices({ client }: Db): Promise<readonly ServiceFigures[]> {
  const rows = await client.service.findMany({
    where: { status: { not: 'TERMINATED' } },
    orderBy: { uid: 'asc' },
    take: mostServices,
    include: {
      reconciliation: { select: { leaseSeenAtMs: true } },
      endpoint: { select: { status: true } },
      autoscaler: { select: { targetReplicas: true, upTicks: true, downTicks: true } },
      rollouts: {
        where: { status: { in: ['PROGRESSING', 'ROLLING_BACK'] } },
        select: { status: true },
        take: 1,
      },
      decisions: { orderBy: [{ atMs: 'desc' }, { uid: 'desc' }], take: 1, select: { terms: true } },
    },
  })
  const replicas = await client.replica.groupBy({
    by: ['serviceUid', 'status'],
    where: { status: { not: 'TERMINATED' } },
    _count: { uid: true },
  })
  const unfinished = await client.unfinishedRequest.groupBy({ by: ['serviceUid'], _count: { id: true } })
  const unfinishedOf = new Map(unfinished.map(({ serviceUid, _count }) => [serviceUid, _count.id]))
  return rows.map((row) => ({
    uid: row.uid,
    name: row.name,
    status: row.status,
    targetVersion: row.targetVersion,
    desiredReplicas: row.desiredReplicas,
    targetReplicas: row.targetReplicas,
    isPaused: row.isPaused,
    controllerSeenAtMs: toMsOrNull(row.reconciliation.leaseSeenAtMs),
    endpointStatus: row.endpoint?.status ?? null,
    runningRollout: row.rollouts[0]?.status ?? null,
    autoscaler: row.autoscaler,
    // Terms are written by insertScalingDecision only.
    terms: (row.decisions[0]?.terms ?? {}) as ServiceFigures['terms'],
    replicas: replicas
      .filter(({ serviceUid }) => serviceUid === row.uid)
      .map(({ status, _count }) => ({ of: status, count: _count.uid })),
    unfinishedRequests: unfinishedOf.get(row.uid) ?? 0,
  }))
}
