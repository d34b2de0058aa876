import { expect, it } from 'vitest'
import type { RolloutStatus } from '@skykeep/core/statuses'
import { runningYaml } from '../src/features/versions/running-yaml.ts'

const versions = [
  { version: 2, yaml: 'two' },
  { version: 1, yaml: 'one' },
]
const rollout = (status: RolloutStatus, isCancelled = false) => ({
  status,
  isCancelled,
  fromVersion: 1,
  toVersion: 2,
})

it.each([
  ['the version on its way', 1, [rollout('PROGRESSING')], 'two'],
  ['the one before, where that way was cancelled', 2, [rollout('PROGRESSING', true)], 'one'],
  ['the one that runs, after an automatic rollback', 1, [rollout('ROLLED_BACK')], 'one'],
  ['the one that runs', 2, [rollout('SUCCEEDED')], 'two'],
  ['the wanted one, where the one that runs is not kept', 7, [], 'two'],
] as const)('an update begins with %s', (_name, version, rollouts, yaml) => {
  expect(runningYaml({ version, desiredVersion: 2, versions, rollouts })).toBe(yaml)
})
