import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { workloadVariables } from '@skykeep/node-runtime/contract-env'
import { configKeys } from '@skykeep/persistent-path/config-keys'
import { parseConfig } from '@skykeep/persistent-path/config'
import { everyKey } from '../../../../docs/pages/configuration-page.ts'
import { environmentPage } from '../../../../docs/pages/environment-page.ts'

const root = path.resolve(import.meta.dirname, '../../../..')

/** Named in our sources, and read or given by none of our programs. */
const noVariables: Readonly<Record<string, string>> = {
  SKYKEEP_NODE: 'marks the processes of a node, so that they are found again',
  SKYKEEP_JOB: 'marks the processes of a job, so that they are found again',
  SKYKEEP_PROCESS: 'tells a person who lists processes which of ours it is',
  SKYKEEP_END: 'the end of a here-document',
  SKYKEEP_CONFORMANCE_SECRET: 'set and looked for by the conformance suite of providers',
  SKYKEEP_DIST_DIR: 'of the build of the dashboard',
  SKYPILOT_TASK_IDS: 'a name of SkyPilot that a YAML may not set',
  SKYPILOT_INTERNAL_JOB_ID: 'a name of SkyPilot that a YAML may not set',
}

it('the page of environment variables has every one that our sources name', () => {
  const page = environmentPage()
  const folders = ['apps/*/src', 'packages/*/src', 'packages/providers/*/src', 'packages/node-runtime/sh']
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx,sh}`, { cwd: root }))
  const names = new Set(
    files
      .filter((file) => !/^packages\/(testing|tooling)\//.test(file))
      .flatMap(
        (file) =>
          readFileSync(path.join(root, file), 'utf8').match(/\bSKY(?:KEEP|PILOT)_[A-Z][A-Z0-9_]+\b/g) ?? [],
      ),
  )
  expect(names.size).toBeGreaterThan(20)
  const missing = [...names].filter(
    (name) => !page.includes(`\`${name}\``) && noVariables[name] === undefined,
  )
  expect(missing).toEqual([])
  for (const name of Object.keys(workloadVariables)) expect(page).toContain(`\`${name}\``)
})

it('the config.yaml of the page has every key, and is read as it stands', () => {
  const text = everyKey()
  for (const key of Object.keys(configKeys)) expect(text).toContain(`${key.split('.').at(-1)}: `)
  const config = parseConfig(text, 'config.yaml')
  expect(config).toMatchObject({ persistentPath: '/data/skykeep', webPort: 46_580, reserveMegabytes: 64 })
  expect(Object.keys(config.retention ?? {}).length).toBeGreaterThan(10)
})
