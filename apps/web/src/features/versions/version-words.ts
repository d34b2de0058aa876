import type { ServiceView, VersionView } from '@skykeep/core/views'
import { isUnderWay } from '../rollouts/rollout-text.ts'

type Versioned = Pick<ServiceView, 'version' | 'desiredVersion' | 'stableVersion' | 'rollouts'>

/** What a version is to its service now, in words: current, rolling out, asked for, last good one, same task as another. Pure. */
export function versionWords(
  service: Versioned,
  { version, taskVersion }: Pick<VersionView, 'version' | 'taskVersion'>,
): string {
  const words = [
    roleOf(service, version),
    taskVersion === version ? '' : `same task as version ${taskVersion}`,
  ].filter((word) => word !== '')
  const text = words.join(', ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function roleOf(
  { version: target, desiredVersion, stableVersion, rollouts }: Versioned,
  version: number,
): string {
  const running = rollouts.find(isUnderWay)
  if (version === target) return running?.status === 'PROGRESSING' ? 'rolling out' : 'current'
  if (running?.status === 'PROGRESSING' && version === running.fromVersion) return 'serving meanwhile'
  // After an automatic rollback the wish stays what it was.
  if (version === desiredVersion) return 'asked for, and rolled back'
  return version === stableVersion ? 'last that was rolled out whole' : ''
}
