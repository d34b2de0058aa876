import type { Attempt } from '@skykeep/provider-contract/provider'

/** What happens with one job on its node. LOST: it ended and nobody is left who knows how (killed supervisor, reboot). */
export const jobStatuses = [
  'SETTING_UP',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'FAILED_SETUP',
  'STOPPED',
  'LOST',
] as const
export type JobStatus = (typeof jobStatuses)[number]

export interface JobDescription {
  readonly jobId: string
  readonly status: JobStatus
  /** Why, for a person: exit code, signal and what usually causes it. Empty while it runs. */
  readonly reason: string
  /** The session leader on the node; with start time (clock ticks since boot) and boot id it is an identity. */
  readonly pid: number
  readonly pidStartTime: number
  readonly bootId: string
  /** True while that very process lives. */
  readonly isAlive: boolean
  /** True when the node booted since the job started (invariant 19). */
  readonly hasRebooted: boolean
  /** Exit code of setup or run, 0–255; null while it runs or when it is LOST. */
  readonly exitCode: number | null
  /** When it started by the node's clock, milliseconds since the Unix epoch (to the second). */
  readonly startedAtMs: number
}

export interface JobRequest {
  /** (uid, generation, attempt): one claim runs at most once on a node, whoever asks (invariant 1). */
  readonly claim: Attempt
  /** Shell text, or null for none. A non-zero end is FAILED_SETUP and `run` never starts. */
  readonly setup: string | null
  readonly run: string
  /** The variables of both phases: the user's envs and secrets, PORT. Values never reach a command line or the log. */
  readonly env: Readonly<Record<string, string>>
  /** What SkyPilot's contract adds (see `contractEnv`). */
  readonly setupEnv: Readonly<Record<string, string>>
  readonly runEnv: Readonly<Record<string, string>>
  /** A folder of this machine that becomes `~/sky_workdir`, or null for an empty one. */
  readonly workdirSource: string | null
  /** Bytes of log kept on the node; the oldest go first. Default 64 MiB. */
  readonly logCapBytes?: number
  /** Log bytes are dropped, not written, while the node's disk has less than this free. Default 256 MiB. */
  readonly diskReserveBytes?: number
}

export interface StopProgress {
  /** True when no process of the job is left. */
  readonly isGone: boolean
  /** Processes that were still there when the call returned. */
  readonly remainingProcesses: number
}

export interface JobLogChunk {
  /** Global offset of the first byte; later than asked when older bytes were dropped by the cap. */
  readonly offset: number
  readonly bytes: Uint8Array
  readonly nextOffset: number
  /** The oldest offset that is still kept. */
  readonly firstOffset: number
  /** True when the job's output is complete and `nextOffset` is its end. */
  readonly isEnded: boolean
}

/** The name of a job on its node: known before it starts, so that it can be written down as intent. */
export function jobIdOf(claim: Attempt): string {
  return `${claim.uid}-g${claim.generation}-a${claim.attempt}`
}

/** Folder of a job's log below its node's HOME, in the form that `FolderLog` of the logs package reads. */
export function jobLogFolder(home: string, jobId: string): string {
  return `${home}/.skykeep/jobs/${jobId}/log`
}
