import { SkykeepError } from '@skykeep/core/errors'
import type { Rollout, Service, ServiceVersion } from '@skykeep/core/nouns'

export interface VersionHistory {
  readonly service: Service
  /** Newest first. */
  readonly versions: readonly ServiceVersion[]
  /** Newest first. */
  readonly rollouts: readonly Rollout[]
}

/**
 * Where a rollback goes: the version that was named, else the newest one before the wanted one that was rolled out to its end, else the one
 * before it. Throws NOT_FOUND for a number that there is none of, CONFLICT where none is left to go back to. Pure.
 */
export function rollbackTarget(history: VersionHistory, named: number | undefined): ServiceVersion {
  const { service, versions } = history
  if (named !== undefined) return versionOf(service, versions, named)
  const earlier = versions.filter(({ version }) => version < service.desiredVersion)
  const stable = everStable(history)
  const target = earlier.find(({ version }) => stable.has(version)) ?? earlier[0]
  if (target !== undefined) return target
  throw new SkykeepError(
    'CONFLICT',
    `service ${service.uid} has no version before ${service.desiredVersion}`,
    {
      userMessage: `${service.name} has no version before ${service.desiredVersion} to go back to.`,
      hint: `Name one with \`--to\`; \`skykeep serve history ${service.name}\` shows those that there are.`,
    },
  )
}

/** The version of that number. Throws NOT_FOUND with those that there are. Pure. */
export function versionOf(
  service: Service,
  versions: readonly ServiceVersion[],
  number: number,
): ServiceVersion {
  const found = versions.find(({ version }) => version === number)
  if (found !== undefined) return found
  throw new SkykeepError('NOT_FOUND', `service ${service.uid} has no version ${number}`, {
    userMessage: `${service.name} has no version ${number}.`,
    hint: `It has ${versions.map(({ version }) => version).join(', ')}; \`skykeep serve history ${service.name}\` says what each was.`,
  })
}

/** Versions that were once rolled out to their end: where a rollout came from counts, where it failed to go does not. */
function everStable({ service, rollouts }: VersionHistory): ReadonlySet<number> {
  const failed = new Set(rollouts.filter(({ status }) => status === 'ROLLED_BACK').map(toVersionOf))
  const origins = rollouts.map(({ fromVersion }) => fromVersion).filter((version) => !failed.has(version))
  const ends = rollouts.filter(({ status }) => status === 'SUCCEEDED').map(toVersionOf)
  return new Set([service.stableVersion, ...origins, ...ends])
}

function toVersionOf({ toVersion }: Rollout): number {
  return toVersion
}
