import { SkykeepError } from '@skykeep/core/errors'

export interface Migration {
  /** `YYYYMMDDhhmmss_what`: their order. */
  readonly name: string
  readonly sql: string
  /** SHA-256 of the SQL, hex: what Prisma records too. */
  readonly checksum: string
  /** Oldest program that works with the result; null: as before. */
  readonly oldestProgram: string | null
}

export interface AppliedMigration {
  readonly name: string
  readonly checksum: string
  readonly isFinished: boolean
}

export interface MigrationState {
  readonly migrations: readonly Migration[]
  readonly applied: readonly AppliedMigration[]
  /** As the newest migration recorded it, or null. */
  readonly oldestProgram: string | null
  readonly programVersion: string
}

export interface MigrationPlan {
  readonly pending: readonly Migration[]
  /** To be recorded; null: leave it as it is. */
  readonly oldestProgram: string | null
}

/** Decides what to apply, or refuses with a reason: an unfinished, a changed, or a too new migration. */
export function planMigrations(state: MigrationState): MigrationPlan {
  const known = new Map(state.migrations.map((migration) => [migration.name, migration]))
  for (const record of state.applied) {
    if (!record.isFinished) throw unfinished(record.name)
    const migration = known.get(record.name)
    if (migration === undefined) refuseTooNew(record.name, state)
    else if (migration.checksum !== record.checksum) throw edited(record.name)
  }
  const done = new Set(state.applied.map((record) => record.name))
  const pending = state.migrations.filter((migration) => !done.has(migration.name))
  const oldestProgram =
    pending.findLast((migration) => migration.oldestProgram !== null)?.oldestProgram ?? null
  return { pending, oldestProgram }
}

/** Negative when version `a` is older than `b`; both `X.Y.Z`, anything after a `-` is ignored. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string): number[] =>
    (version.split('-')[0] ?? '').split('.').map((part) => Number(part) || 0)
  const [left, right] = [parts(a), parts(b)]
  for (const index of [0, 1, 2]) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function refuseTooNew(name: string, { oldestProgram, programVersion }: MigrationState): void {
  if (oldestProgram !== null && compareVersions(programVersion, oldestProgram) >= 0) return
  const wanted = oldestProgram ?? 'the one that migrated it'
  throw new SkykeepError(
    'UNSUPPORTED',
    `migration ${name} needs program ${wanted}, this is ${programVersion}`,
    {
      userMessage: `The database belongs to a newer Skykeep (${wanted}); this one is ${programVersion}.`,
      hint: `Start Skykeep ${wanted} or newer, or restore a backup from before the upgrade.`,
    },
  )
}

function edited(name: string): SkykeepError {
  return new SkykeepError('CONFLICT', `migration ${name} was changed after it was applied`, {
    hint: 'Restore the migration file as it was released; a change of the schema is a new migration.',
  })
}

function unfinished(name: string): SkykeepError {
  return new SkykeepError('CONFLICT', `migration ${name} was begun by another program and never finished`, {
    hint: 'Restore the backup from before it, or finish it with the program that began it.',
  })
}
