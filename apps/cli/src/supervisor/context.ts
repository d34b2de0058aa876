import type { Clock } from '@skykeep/core/clock'
import type { Layout } from '@skykeep/persistent-path/layout'
import type { HealthLimits } from './health.ts'
import type { StorageWatch } from './storage-watch.ts'

/** What every part of an active supervisor is given. */
export interface SupervisorContext {
  readonly layout: Layout
  readonly clock: Clock
  readonly limits: HealthLimits
  readonly storage: StorageWatch
  readonly random: () => number
  /** One line for the person who watches. */
  readonly say: (line: string) => void
  /** Called before every effect (a start, a signal, a write). Does not return when this plane has lost the path. */
  readonly requireHeld: () => void
}

/** What the supervisor says of one process. */
export interface ProcessView {
  readonly name: string
  readonly pid?: number
  readonly port?: number
  readonly state: ProcessState
  /** Why it is not running, for people. */
  readonly reason?: string
  /** Times that this supervisor started it again. */
  readonly restarts: number
  readonly isAdopted: boolean
  /** Milliseconds since the Unix epoch. */
  readonly startedAtMs?: number
  readonly build?: string
}

export type ProcessState =
  'starting' | 'running' | 'draining' | 'not-answering' | 'waiting-to-restart' | 'blocked' | 'stopped'
