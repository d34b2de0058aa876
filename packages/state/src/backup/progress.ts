/** How far a backup is. */
export interface BackupProgress {
  readonly phase: 'snapshot' | 'rows' | 'files'
  readonly done: number
  /** Rows or bytes in all; 0 where it is not known. */
  readonly total: number
}
