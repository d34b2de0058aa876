import { SkykeepError } from '@skykeep/core/errors'
import type { Rollout, Service, ServiceVersion } from '@skykeep/core/nouns'

/** The version that a change is compared with: the one on its way, else the one that runs (after a rollback the older one). */
export function baseVersionOf(
  service: Service,
  versions: readonly ServiceVersion[],
  running: Rollout | null,
): ServiceVersion {
  const number = running?.status === 'PROGRESSING' ? goalOf(running) : service.targetVersion
  const base =
    versions.find(({ version }) => version === number) ??
    versions.find(({ version }) => version === service.desiredVersion)
  if (base !== undefined) return base
  throw new SkykeepError('INTERNAL', `service ${service.uid} has no row of version ${number}`)
}

function goalOf({ isCancelled, fromVersion, toVersion }: Rollout): number {
  return isCancelled ? fromVersion : toVersion
}
