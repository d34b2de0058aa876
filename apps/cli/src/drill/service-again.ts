import type { ReplicaView, ServiceView } from '@skykeep/core/views'

/**
 * True when the service stands as it did: ready, on its own port, with as many ready replicas as before (or as many as it wants now: the
 * load of a drill is load, too), and without the replica that was killed. Pure.
 */
export function isAsBefore(
  before: ServiceView,
  now: ServiceView,
  killedReplica: string | undefined,
): boolean {
  if (now.status !== 'READY' || now.endpoint?.status !== 'OPEN') return false
  if (now.endpoint.port !== before.endpoint?.port) return false
  const ready = now.replicas.filter(({ status, uid }) => status === 'READY' && uid !== killedReplica)
  return ready.length >= Math.min(before.readyReplicas, now.targetReplicas)
}

/** Replicas that were ready before and ended although nobody killed them, and nobody wanted fewer: `hello-3`. Pure. */
export function replacedSince(
  before: ServiceView,
  now: ServiceView,
  killedReplica: string | undefined,
): readonly string[] {
  const wasReady = new Set(readyUids(before.replicas))
  return now.replicas
    .filter(({ uid, outcome }) => wasReady.has(uid) && outcome !== null && outcome !== 'REMOVED')
    .filter(({ uid }) => uid !== killedReplica)
    .map(({ id }) => `${now.name}-${id}`)
}

function readyUids(replicas: readonly ReplicaView[]): readonly string[] {
  return replicas.filter(({ status }) => status === 'READY').map(({ uid }) => uid)
}
