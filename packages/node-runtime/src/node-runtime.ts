import type { Runner } from '@skykeep/provider-contract/runner'
import type { JobDescription, JobLogChunk, JobRequest, StopProgress } from './job.ts'

/**
 * Drives jobs on any node through its runner. Throws ProviderError (node unreachable or gone) and SkykeepError
 * INVALID_INPUT (a variable name that no shell can export, a NUL byte). Every call is safe to repeat.
 */
export interface NodeRuntime {
  /** Starts the job of a claim, or finds the one that the claim started before; returns once it runs. */
  startJob(runner: Runner, request: JobRequest): Promise<JobDescription>
  /** Null when the node knows no such job. Mends the job's log pump if something killed it. */
  describeJob(runner: Runner, jobId: string): Promise<JobDescription | null>
  listJobs(runner: Runner): Promise<readonly JobDescription[]>
  /**
   * Takes one step towards the job's end and returns within two seconds: SIGTERM at the first call, SIGKILL from
   * `graceMs` after it (0: at once). Call again until `isGone`. An unknown job is gone.
   */
  stopJob(runner: Runner, jobId: string, graceMs: number): Promise<StopProgress>
  /** At most `limitBytes` (≤ 1 MiB) from a global offset on. An unknown job has an empty, ended log. */
  readLog(runner: Runner, jobId: string, from: { readonly offset: number; readonly limitBytes: number }): Promise<JobLogChunk>
}
