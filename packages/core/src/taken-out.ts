import type { GatewayStatus } from './routes.ts'

/** A replica that gateway processes give no new request, although it may be READY: they took it out of their choice themselves. */
export interface TakenOutView {
  /** Why, in the words of the process that took it out first. */
  readonly reason: string
  /** Since when it has been out of the choice of at least one process. */
  readonly sinceMs: number
  /** Gateway processes that have it out. */
  readonly gateways: number
  /** Gateway processes that answer. */
  readonly ofGateways: number
}

/** The replicas that the gateway processes have out, by uid; pure. */
export function takenOutBy(gateways: readonly GatewayStatus[]): ReadonlyMap<string, TakenOutView> {
  const byReplica = Map.groupBy(
    gateways.flatMap(({ ejected }) => ejected),
    ({ replicaUid }) => replicaUid,
  )
  const views = new Map<string, TakenOutView>()
  for (const [uid, ejections] of byReplica) {
    const [first] = ejections.toSorted((a, b) => a.sinceMs - b.sinceMs)
    if (first === undefined) continue
    const { reason, sinceMs } = first
    views.set(uid, { reason, sinceMs, gateways: ejections.length, ofGateways: gateways.length })
  }
  return views
}

/** `taken out by the gateway`, or by how many of its processes where not all agree; pure. */
export function takenOutWords({ gateways, ofGateways }: TakenOutView): string {
  return gateways >= ofGateways
    ? 'taken out by the gateway'
    : `taken out by ${gateways} of ${ofGateways} gateway processes`
}
