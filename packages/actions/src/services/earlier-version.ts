import type { Rollout, Service } from '@skykeep/core/nouns'

/** A service's versions and the ways between them, as rows or as what people see of them. */
export interface VersionHistory<Version extends { readonly version: number } = { readonly version: number }> {
  readonly service: Pick<Service, 'uid' | 'name' | 'desiredVersion' | 'stableVersion'>
  /** Newest first. */
  readonly versions: readonly Version[]
  /** Newest first. */
  readonly rollouts: readonly Pick<Rollout, 'status' | 'fromVersion' | 'toVersion'>[]
}

/**
 * Where a rollback goes that names no version: the newest one before the wanted one that was rolled out to its end, else the one before it;
 * undefined: none is left. Pure.
 */
export function earlierVersion<Version extends { readonly version: number }>(
  history: VersionHistory<Version>,
): Version | undefined {
  const earlier = history.versions.filter(({ version }) => version < history.service.desiredVersion)
  const stable = everStable(history)
  return earlier.find(({ version }) => stable.has(version)) ?? earlier[0]
}

/** Versions that were once rolled out to their end: where a rollout came from counts, where it failed to go does not. */
function everStable({ service, rollouts }: VersionHistory): ReadonlySet<number> {
  const failed = new Set(rollouts.filter(({ status }) => status === 'ROLLED_BACK').map(toVersionOf))
  const origins = rollouts.map(({ fromVersion }) => fromVersion).filter((version) => !failed.has(version))
  const ends = rollouts.filter(({ status }) => status === 'SUCCEEDED').map(toVersionOf)
  return new Set([service.stableVersion, ...origins, ...ends])
}

function toVersionOf({ toVersion }: VersionHistory['rollouts'][number]): number {
  return toVersion
}
