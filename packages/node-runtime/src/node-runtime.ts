import { ProviderError } from '@skykeep/provider-contract/errors'
import type { Runner } from '@skykeep/provider-contract/runner'
import { jobIdOf } from './job.ts'
import type { JobDescription, JobLogChunk, JobRequest, StopProgress } from './job.ts'
import { parseDescriptions } from './parse-description.ts'
import { phaseFiles, stageText } from './phases.ts'
import { NodeScripts } from './scripts.ts'

/** Smaller caps cannot hold one whole segment beside the one being written. */
const leastLogCapBytes = 2 * 1024 * 1024
const defaultLogCapBytes = 64 * 1024 * 1024
const defaultDiskReserveBytes = 256 * 1024 * 1024
const logReadLimitBytes = 1024 * 1024
const headerLimitBytes = 1024
/** Lists of jobs are long lines of text: 4 MiB are some 15,000 jobs. */
const listLimitBytes = 4 * 1024 * 1024

/**
 * Drives jobs on any node through its runner. Throws ProviderError (node unreachable or gone) and SkykeepError
 * INVALID_INPUT (a variable name that no shell can export, a NUL byte). Every call is safe to repeat.
 */
export class NodeRuntime {
  readonly #scripts: NodeScripts

  /** `scriptsDir`: the folder of the shell scripts on this machine (`sh/` of this package, or its copy in a build). */
  constructor(place: { readonly scriptsDir: string }) {
    this.#scripts = new NodeScripts(place.scriptsDir)
  }

  /** Starts the job of a claim, or finds the one that the claim started before; returns once it runs. */
  async startJob(runner: Runner, request: JobRequest): Promise<JobDescription> {
    const jobId = jobIdOf(request.claim)
    const phases = phasesOf(runner, request)
    const prepared = text((await this.#call(runner, 'prepare', [jobId])).stdout).trim()
    const stage = prepared.startsWith('stage ') ? prepared.slice('stage '.length) : null
    if (stage !== null) {
      if (request.workdirSource !== null) await runner.putTree(request.workdirSource, `${stage}/workdir`)
      const cap = Math.max(request.logCapBytes ?? defaultLogCapBytes, leastLogCapBytes)
      const limits = [cap, request.diskReserveBytes ?? defaultDiskReserveBytes].map(String)
      const args = [jobId, stage, ...limits]
      await this.#scripts.call(runner, { script: 'start', args, request: { stdin: phases } })
    }
    const found = await this.describeJob(runner, jobId)
    if (found === null) throw new ProviderError('transient', `job ${jobId} did not start on ${runner.nodeId}`)
    return found
  }

  /** Null when the node knows no such job. Mends the job's log pump if something killed it. */
  async describeJob(runner: Runner, jobId: string): Promise<JobDescription | null> {
    const { stdout } = await this.#call(runner, 'describe', [jobId])
    return parseDescriptions(text(stdout))[0] ?? null
  }

  async listJobs(runner: Runner): Promise<readonly JobDescription[]> {
    const request = { outputLimitBytes: listLimitBytes }
    const { stdout } = await this.#scripts.call(runner, { script: 'describe', args: [], request })
    return parseDescriptions(text(stdout))
  }

  /**
   * Takes one step towards the job's end and returns within about two seconds: SIGTERM at the first call, SIGKILL from
   * `graceMs` after it (0: at once). Call again until `isGone`. An unknown job is gone.
   */
  async stopJob(runner: Runner, jobId: string, graceMs: number): Promise<StopProgress> {
    const { stdout } = await this.#call(runner, 'stop', [jobId, String(Math.max(0, Math.round(graceMs)))])
    const left = /^left=(\d+)$/m.exec(text(stdout))?.[1]
    if (left === undefined)
      throw new ProviderError('transient', `stop.sh on ${runner.nodeId} did not say what is left`)
    return { isGone: left === '0', remainingProcesses: Number(left) }
  }

  /** At most `limitBytes` (≤ 1 MiB) from a global offset on. An unknown job has an empty, ended log. */
  async readLog(
    runner: Runner,
    jobId: string,
    from: { readonly offset: number; readonly limitBytes: number },
  ): Promise<JobLogChunk> {
    const limit = Math.min(from.limitBytes, logReadLimitBytes)
    const { stdout } = await this.#scripts.call(runner, {
      script: 'read-log',
      args: [jobId, String(from.offset), String(limit)],
      request: { outputLimitBytes: limit + headerLimitBytes },
    })
    const headerEnd = stdout.indexOf(0x0a)
    const header = /^first=(\d+) offset=(\d+) ended=([01])$/.exec(text(stdout.subarray(0, headerEnd)))
    if (header === null)
      throw new ProviderError('transient', `read-log.sh on ${runner.nodeId} answered in another form`)
    const bytes = stdout.subarray(headerEnd + 1)
    const offset = Number(header[2])
    return {
      offset,
      bytes,
      nextOffset: offset + bytes.length,
      firstOffset: Number(header[1]),
      isEnded: header[3] === '1',
    }
  }

  #call(runner: Runner, script: string, args: readonly string[]) {
    return this.#scripts.call(runner, { script, args })
  }
}

function phasesOf(runner: Runner, request: JobRequest): string {
  // The user's word is the last: SkyPilot's own variables may be set in envs too.
  const run = phaseFiles('run', request.run, { ...runner.jobEnv, ...request.runEnv, ...request.env })
  if (request.setup === null) return stageText(run)
  const setup = phaseFiles('setup', request.setup, { ...runner.jobEnv, ...request.setupEnv, ...request.env })
  return stageText({ ...setup, ...run })
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
