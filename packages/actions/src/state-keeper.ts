import type { RetentionLimits } from '@skykeep/core/retention'
import type {
  BackupView,
  DoctorView,
  MasterKeyView,
  SizesView,
  StateWorkView,
} from '@skykeep/core/state-views'

/** A backup as its folder shows it. */
export interface StoredBackup extends Omit<BackupView, 'verification'> {
  /** When the file was last written, whole milliseconds. */
  readonly modifiedAtMs: number
}

/** Work on the state that a process of its own does, and whose wish it is: a user's uid. */
export type StateWork =
  | { readonly kind: 'backup'; readonly askedBy: string }
  | { readonly kind: 'verify'; readonly askedBy: string; readonly backup: string }

/**
 * The persistent path beside the database, given by the composition root: what stands in it, and the work on it that no process may do that
 * serves people, since it blocks for seconds. Never the master key.
 */
export interface StateKeeper {
  /** Examines the path as `skykeep state doctor` does. Throws UNAVAILABLE when that cannot be done now. */
  examine(): Promise<DoctorView>
  /** What the parts of the path take. */
  sizes(): Promise<Pick<SizesView, 'atMs' | 'walBytes' | 'parts'>>
  /** What lies in backups/, newest first. */
  backups(): Promise<readonly StoredBackup[]>
  /** What is under way on this machine, whoever asked for it. */
  work(): readonly StateWorkView[]
  /** Begins as the command line does, so that it outlives this process. Throws when it cannot be started. */
  begin(work: StateWork): Promise<void>
  readonly backupsFolder: string
  /** How many backups stay. */
  backupsKept(): number
  /** Limits of the past that the worker was started with. */
  readonly limits: RetentionLimits
  readonly keyPlace: Pick<MasterKeyView, 'source' | 'place'>
}
