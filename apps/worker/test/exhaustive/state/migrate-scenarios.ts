import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from '@skykeep/db/migrate'
import { migrationsDir, programVersion } from '@skykeep/testing/migrations'
import { type FileState, fillEveryTable, stateOfFile } from '@skykeep/testing/simulation/every-table'
import type { StatePlace } from './place.ts'
import type { StateScenario } from './state-scenario.ts'

const names = readdirSync(join(migrationsDir, 'sqlite'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted()

/** From the schema that so many of the newest migrations are missing in, with a row in every table. */
export function migrateScenario(missing: number): StateScenario {
  const upTo = names.at(-missing - 1) ?? ''
  let before: FileState = { counts: new Map(), migration: '', integrity: '' }
  return {
    name: `migrate over the newest ${missing}`,
    build: async ({ layout, url, clock }) => {
      mkdirSync(layout.root, { recursive: true, mode: 0o700 })
      await migrate({ url, migrationsDir, clock, programVersion, upTo })
      fillEveryTable(layout.stateDb)
      before = stateOfFile(layout.stateDb)
    },
    ask: async ({ url, clock }) => {
      await migrate({ url, migrationsDir, clock, programVersion })
    },
    brokenByDeath: (place) => Promise.resolve(broken(place, before, [upTo, names.at(-1) ?? ''])),
    missing: (place) => Promise.resolve(broken(place, before, [names.at(-1) ?? ''])),
  }
}

function broken({ layout }: StatePlace, before: FileState, newest: readonly string[]): readonly string[] {
  const { counts, migration, integrity } = stateOfFile(layout.stateDb)
  const lost = [...before.counts].filter(([table, count]) => counts.get(table) !== count)
  return [
    ...(newest.includes(migration) ? [] : [`the schema is ${migration}`]),
    ...(integrity === 'ok' ? [] : [`the file is damaged: ${integrity}`]),
    ...lost.map(([table]) => `rows of ${table} are lost`),
  ]
}
