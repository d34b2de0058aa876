import type { Rollout } from '@skykeep/core/nouns'
import type { ServiceView, VersionView } from '@skykeep/core/views'

interface Versioned extends Pick<ServiceView, 'version' | 'desiredVersion'> {
  readonly versions: readonly Pick<VersionView, 'version' | 'yaml'>[]
  readonly rollouts: readonly Pick<Rollout, 'status' | 'fromVersion' | 'toVersion' | 'isCancelled'>[]
}

/** The YAML that an update is compared with: of the version on its way, else of the one that runs (after a rollback the older one). Pure. */
export function runningYaml({ version, desiredVersion, versions, rollouts }: Versioned): string | undefined {
  const coming = rollouts.find(({ status }) => status === 'PROGRESSING')
  const goal = coming === undefined ? version : coming.isCancelled ? coming.fromVersion : coming.toVersion
  const yamlOf = (wanted: number): string | undefined =>
    versions.find((each) => each.version === wanted)?.yaml
  return yamlOf(goal) ?? yamlOf(desiredVersion)
}
