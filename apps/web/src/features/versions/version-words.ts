import type { ServiceView, VersionView } from '@skykeep/core/views'

/** What a version is to its service now, in words: serving, asked for, last good one, same task as another. Pure. */
export function versionWords(
  service: Pick<ServiceView, 'version' | 'desiredVersion' | 'stableVersion'>,
  { version, taskVersion }: Pick<VersionView, 'version' | 'taskVersion'>,
): string {
  const words = [
    version === service.version ? 'current' : '',
    version === service.desiredVersion && version !== service.version ? 'asked for' : '',
    version === service.stableVersion && version !== service.version ? 'last that was rolled out whole' : '',
    taskVersion === version ? '' : `same task as version ${taskVersion}`,
  ].filter((word) => word !== '')
  const text = words.join(', ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
