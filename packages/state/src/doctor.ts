import { existsSync } from 'node:fs'
import { inspectModes, mendModes } from '@skykeep/persistent-path/modes'
import type { Check } from './check.ts'
import { databaseChecks, type DatabaseCheckSource } from './database-checks.ts'
import { placeCheck } from './history-checks.ts'
import { judgeModes } from './judge.ts'
import { runtimeChecks } from './runtime-checks.ts'
import { storageChecks, type StorageSource } from './storage-checks.ts'

export interface DoctorSource extends DatabaseCheckSource, StorageSource {
  /** The user who should own the path. */
  readonly uid: number
  /** True: mends owners, modes and access control lists first. Nothing else is ever changed. */
  readonly shouldFix: boolean
}

/**
 * `skykeep state doctor`: examines a persistent path and what uses it, running or not. Never throws for what it finds; never call it in the
 * process that holds the instance lock.
 */
export async function examine(source: DoctorSource): Promise<readonly Check[]> {
  const { layout, uid } = source
  if (!existsSync(layout.root)) {
    const detail = `${layout.root} does not exist yet; the first start makes it`
    return [{ name: 'path', status: 'warn', detail, fix: 'npm start' }]
  }
  const place = placeCheck(layout)
  if (place !== undefined) return [{ name: 'path', status: 'ok', detail: layout.root }, place]
  const findings = source.shouldFix ? mendModes(layout, uid) : inspectModes(layout, uid)
  const first: Check[] = [{ name: 'path', status: 'ok', detail: layout.root }, judgeModes(findings)]
  if (!existsSync(layout.tmpDir) || !existsSync(layout.runtimeDir)) {
    const detail = 'the folder was never used; the first start lays it out'
    return [...first, { name: 'layout', status: 'warn', detail, fix: 'npm start' }]
  }
  return [
    ...first,
    ...storageChecks(source),
    ...(await runtimeChecks(layout)),
    ...(await databaseChecks(source)),
  ]
}
