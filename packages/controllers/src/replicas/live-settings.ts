import type { Replica, Service } from '@skykeep/core/nouns'
import type { ServiceSpec, ServingSpec } from '@skykeep/core/service-spec'
import { isSkykeepError } from '@skykeep/core/errors'
import type { KnownVersion, VersionCache } from '../services/versions.ts'

/** What holds for one replica now. */
export interface ReplicaSettings {
  /** Of its own version: what it was launched from. */
  readonly spec: ServiceSpec
  /** How it is served and probed: the target version's where that has the same task. */
  readonly serving: ServingSpec
}

/** Reads both versions. @throws NOT_FOUND when its own version is gone. */
export async function settingsOf(
  versions: VersionCache,
  replica: Replica,
  { targetVersion }: Pick<Service, 'targetVersion'>,
): Promise<ReplicaSettings> {
  const own = await versions.get(replica.serviceUid, replica.version)
  const target = await versions.get(replica.serviceUid, targetVersion).catch((error: unknown) => {
    if (isSkykeepError(error, 'NOT_FOUND')) return own
    throw error
  })
  return { spec: own.spec, serving: servingOf(own, target) }
}

/** The service's settings apply at once to every replica of the same task; of another task, those that it was launched with. Pure. */
export function servingOf(own: KnownVersion, target: KnownVersion): ServingSpec {
  return own.taskVersion === target.taskVersion ? target.spec.service : own.spec.service
}

/** Where a replica is to be reached: another one of its ports when the service serves that one now. Pure. */
export function servedPortOf(replica: Replica, { spec, serving }: ReplicaSettings): number | null {
  const { replicaPort } = serving
  const isOwn = replicaPort !== undefined && spec.task.resources.ports.includes(replicaPort)
  return isOwn && replica.port !== null ? replicaPort : replica.port
}
