import { isProviderError } from '@skykeep/provider-contract/errors'
import { tokenOf, type Attempt } from '@skykeep/provider-contract/provider'
import type { Runner } from '@skykeep/provider-contract/runner'
import { readJobScript } from './job-script.ts'
import type { SimMethod } from './sim-faults.ts'
import type { SimJob, SimNode, SimWorld } from './sim-world.ts'
import { answerOf, bootsOf, isOver, phaseOf, type JobPhase } from './simulated-job.ts'

/** What the runtime is given by its cloud. */
export interface SimNodes {
  readonly world: SimWorld
  readonly jobIdOf: (claim: Attempt) => string
  readonly nowMs: () => number
  readonly chance: (...parts: readonly string[]) => number
  /** One call with the faults that were asked for. */
  readonly call: <T>(method: SimMethod, subject: string, effect: () => T) => Promise<T>
  /** @throws ProviderError not-found, transient */
  readonly runningNode: (nodeId: string) => SimNode
}

/** The part of the node runtime's request that means something here. */
export interface SimJobRequest {
  readonly claim: Attempt
  readonly setup: string | null
  readonly run: string
  readonly runEnv: Readonly<Record<string, string>>
}

export interface SimJobDescription extends JobPhase {
  readonly jobId: string
  readonly pid: number
  readonly pidStartTime: number
  readonly bootId: string
  readonly isAlive: boolean
  readonly hasRebooted: boolean
  readonly startedAtMs: number
}

/** A task that does not say when it answers does so after at most this. */
const readyWithinMs = 3_000
const firstPid = 1_000

/** What runs on simulated nodes: the three calls that the controllers make of the node runtime, and the probe of what runs. */
export class SimNodeRuntime {
  readonly #nodes: SimNodes

  constructor(nodes: SimNodes) {
    this.#nodes = nodes
  }

  startJob({ nodeId }: Runner, request: SimJobRequest): Promise<SimJobDescription> {
    const jobId = this.#nodes.jobIdOf(request.claim)
    return this.#nodes.call('startJob', jobId, () => {
      const node = this.#nodes.runningNode(nodeId)
      const job = node.jobs[jobId] ?? this.#start(node, jobId, request)
      return this.#describe(node, job)
    })
  }

  describeJob({ nodeId }: Runner, jobId: string): Promise<SimJobDescription | null> {
    return this.#nodes.call('describeJob', jobId, () => {
      const node = this.#nodes.runningNode(nodeId)
      const job = node.jobs[jobId]
      return job === undefined ? null : this.#describe(node, job)
    })
  }

  stopJob(
    { nodeId }: Runner,
    jobId: string,
    graceMs: number,
  ): Promise<{ readonly isGone: boolean; readonly remainingProcesses: number }> {
    return this.#nodes.call('stopJob', jobId, () => {
      const node = this.#nodes.runningNode(nodeId)
      const job = node.jobs[jobId]
      if (job === undefined) return { isGone: true, remainingProcesses: 0 }
      const nowMs = this.#nodes.nowMs()
      job.stoppedAtMs ??= nowMs
      if (nowMs - job.stoppedAtMs >= graceMs) job.killed ??= { atMs: nowMs, exitCode: 137 }
      const isGone = isOver(phaseOf(job, node, nowMs))
      return { isGone, remainingProcesses: isGone ? 0 : 1 }
    })
  }

  /** Stands in for the HTTP prober. */
  async probe(
    { host, port }: { readonly host: string; readonly port: number },
    { path }: { readonly path: string },
  ): Promise<{ readonly isReady: true } | { readonly isReady: false; readonly reason: string }> {
    const where = `${host}:${port}`
    try {
      const status = await this.#nodes.call('probe', where, () => this.#answer(host, port, path))
      if (status === null) return { isReady: false, reason: `nothing listens on ${where}` }
      return status >= 200 && status < 300
        ? { isReady: true }
        : { isReady: false, reason: `${path} answered ${status}` }
    } catch (error) {
      if (!isProviderError(error)) throw error
      return { isReady: false, reason: error.message }
    }
  }

  /** Every job that runs on a simulated node now, with where it listens. */
  runningJobs(): readonly { readonly node: SimNode; readonly job: SimJob }[] {
    const nowMs = this.#nodes.nowMs()
    return Object.values(this.#nodes.world.nodes)
      .filter((node) => isUp(node, nowMs))
      .flatMap((node) =>
        Object.values(node.jobs)
          .filter((job) => !isOver(phaseOf(job, node, nowMs)))
          .map((job) => ({ node, job })),
      )
  }

  /** A job crashes, or someone kills it. */
  endJob(jobId: string, exitCode: number | null): void {
    for (const job of this.#jobs(jobId)) job.killed ??= { atMs: this.#nodes.nowMs(), exitCode }
  }

  /** From now on a job answers with this status; 0: not at all; null: as its text says. */
  answerWith(jobId: string, status: number | null): void {
    for (const job of this.#jobs(jobId)) job.answersWith = status
  }

  #jobs(jobId: string): readonly SimJob[] {
    return Object.values(this.#nodes.world.nodes).flatMap(({ jobs }) => jobs[jobId] ?? [])
  }

  #start(node: SimNode, jobId: string, { claim, setup, run, runEnv }: SimJobRequest): SimJob {
    const { world, nowMs, chance } = this.#nodes
    const port = runEnv['PORT'] === undefined ? null : Number(runEnv['PORT'])
    const readyMs = Math.round(readyWithinMs * chance('ready', jobId))
    const token = tokenOf(claim)
    const job: SimJob = {
      jobId,
      token,
      uid: claim.uid,
      pid: firstPid + world.starts.length,
      startedAtMs: nowMs(),
      boots: bootsOf(node, nowMs()),
      script: readJobScript({ setup, run, port }, readyMs),
      stoppedAtMs: null,
      killed: null,
      answersWith: null,
    }
    node.jobs[jobId] = job
    world.starts.push({ kind: 'job', token, uid: claim.uid, nodeId: node.nodeId, atMs: nowMs() })
    return job
  }

  #describe(node: SimNode, job: SimJob): SimJobDescription {
    const nowMs = this.#nodes.nowMs()
    const phase = phaseOf(job, node, nowMs)
    const { jobId, pid, startedAtMs } = job
    return {
      ...phase,
      jobId,
      pid,
      pidStartTime: startedAtMs,
      bootId: `${node.nodeId}-boot-${job.boots}`,
      isAlive: !isOver(phase),
      hasRebooted: bootsOf(node, nowMs) !== job.boots,
      startedAtMs,
    }
  }

  #answer(host: string, port: number, path: string): number | null {
    const atMs = this.#nodes.nowMs()
    for (const { node, job } of this.runningJobs()) {
      if (node.host !== host || !job.script.ports.includes(port)) continue
      const status = answerOf(job, node, { path, atMs })
      if (status !== null) return status
    }
    return null
  }
}

function isUp({ runsFromMs, deletedAtMs, preemptedAtMs }: SimNode, nowMs: number): boolean {
  const endsAtMs = Math.min(deletedAtMs ?? Infinity, preemptedAtMs ?? Infinity)
  return nowMs >= runsFromMs && nowMs < endsAtMs
}
