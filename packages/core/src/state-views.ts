import type { DrillView } from './views.ts'

/** One line of `skykeep state doctor`. */
export interface FindingView {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  /** What was found, one sentence. */
  readonly detail: string
  /** What to do, or a command; null: nothing. */
  readonly fix: string | null
}

export interface DoctorView {
  /** When the path was examined. */
  readonly atMs: number
  readonly findings: readonly FindingView[]
}

/** What one part of the persistent path takes. */
export interface PartSizeView {
  /** `logs`, `versions`, `backups`, … */
  readonly name: string
  /** On the disk, in whole blocks. */
  readonly bytes: number
  /** Files and folders. */
  readonly files: number
  /** True: there are more than were counted, and `bytes` is the least that it takes. */
  readonly isCutShort: boolean
}

export interface SizesView {
  readonly atMs: number
  /** Null: the database does not tell. */
  readonly databaseBytes: number | null
  /** The write-ahead log of SQLite; null for PostgreSQL, which keeps its own. */
  readonly walBytes: number | null
  /** Largest first. */
  readonly parts: readonly PartSizeView[]
}

/** One limit of what is kept of the past. */
export interface LimitView {
  /** Its key in config.yaml: `retention.events`. */
  readonly key: string
  /** What is counted, with its unit. */
  readonly meaning: string
  /** In force now. */
  readonly value: number
  /** What holds where config.yaml says nothing. */
  readonly usual: number
}

/** What a check of a backup found: it was restored and compared. */
export interface VerificationView {
  readonly atMs: number
  readonly isIdentical: boolean
  /** One sentence for a person. */
  readonly message: string
}

/** One file of backups/. */
export interface BackupView {
  /** Name of the file. */
  readonly name: string
  readonly bytes: number
  /** Null: it cannot be read as a backup, and nothing more is known of it. */
  readonly createdAtMs: number | null
  /** Version of the program that made it, or empty. */
  readonly program: string
  readonly hasLogs: boolean
  /** Master key that authenticates it; null: none. */
  readonly keyVersion: number | null
  /** Of the file as it is now; null: it was not checked since it was last written. */
  readonly verification: VerificationView | null
}

export interface BackupsView {
  /** Where they lie. */
  readonly folder: string
  /** How many of the newest stay: `backup.keep`. */
  readonly kept: number
  /** Newest first. */
  readonly items: readonly BackupView[]
  /** Under way now on this machine, whoever asked for it. */
  readonly work: readonly StateWorkView[]
  /** The last backup or check that came to no end, unless one of its kind has come through since. */
  readonly failures: readonly StateFailureView[]
}

export const stateWorkKinds = ['backup', 'verify'] as const
export type StateWorkKind = (typeof stateWorkKinds)[number]

/** A process that works on the state. */
export interface StateWorkView {
  readonly kind: StateWorkKind
  readonly pid: number
}

export interface StateFailureView {
  readonly kind: StateWorkKind
  readonly atMs: number
  /** Why, one sentence. */
  readonly message: string
}

/** How the master key stands. Never the key. */
export interface MasterKeyView {
  readonly source: 'file' | 'environment'
  /** The file or the variable that it comes from. */
  readonly place: string
  /** `unused`: no secret needed one yet. `lost`: it is not here, or it is another one. */
  readonly status: 'ok' | 'unused' | 'lost'
  /** Why it is lost, and what to do; both null where it is not. */
  readonly problem: string | null
  readonly hint: string | null
  /** The current key's number; null where there is none. */
  readonly version: number | null
  /** Older ones that are kept, so that what they encrypted can still be read. */
  readonly olderVersions: readonly number[]
  /** When it was last rotated, as far as the log goes back; null: not in the log. */
  readonly rotatedAtMs: number | null
}

export interface LatestDrillsView {
  /** The last drill of each living service that had one, newest first, at most 50. */
  readonly drills: readonly DrillView[]
  /** Living services that never had one. */
  readonly undrilledServices: number
}
