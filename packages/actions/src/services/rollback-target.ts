import { SkykeepError } from '@skykeep/core/errors'
import type { Service, ServiceVersion } from '@skykeep/core/nouns'
import { earlierVersion, type VersionHistory } from './earlier-version.ts'

/**
 * Where a rollback goes: the version that was named, else the newest one before the wanted one that was rolled out to its end, else the one
 * before it. Throws NOT_FOUND for a number that there is none of, CONFLICT where none is left to go back to. Pure.
 */
export function rollbackTarget(
  history: VersionHistory<ServiceVersion>,
  named: number | undefined,
): ServiceVersion {
  const { service, versions } = history
  if (named !== undefined) return versionOf(service, versions, named)
  const target = earlierVersion(history)
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
  service: Pick<Service, 'uid' | 'name'>,
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
