import type { NodeTags, Offer, Resources } from '@skykeep/provider-contract/provider'
import type { ScriptedFailure } from './sim-faults.ts'
import type { JobScript } from './job-script.ts'

/** A simulated cloud as plain data: copied by `structuredClone`, kept as JSON, looked at by tests. Times are of the cloud's clock. */
export interface SimWorld {
  /** By node id; deleted ones stay, so that everything that ever was can be counted. */
  readonly nodes: Record<string, SimNode>
  /** Every effect that started something, in order. A token that stands here twice was started twice. */
  readonly starts: SimStart[]
  /** By offer id: the stock where it is not the zone's. */
  readonly stock: Record<string, number>
  failures: readonly ScriptedFailure[]
  /** Calls so far: what chance hangs on beside the seed. */
  calls: number
}

export interface SimStart {
  readonly kind: 'node' | 'job'
  /** `uid.generation.attempt` of the effect. */
  readonly token: string
  readonly uid: string
  readonly nodeId: string
  readonly atMs: number
}

export interface SimNode {
  readonly nodeId: string
  readonly token: string
  readonly tags: NodeTags
  readonly offer: Offer
  readonly resources: Resources
  readonly host: string
  readonly createdAtMs: number
  readonly runsFromMs: number
  /** When its zone takes it back by itself, and since when that is known; null: never. */
  preemptedAtMs: number | null
  noticedAtMs: number | null
  preemptedReason: string
  deletedAtMs: number | null
  /** When it booted again, in order. */
  readonly rebootedAtMs: number[]
  readonly jobs: Record<string, SimJob>
}

export interface SimJob {
  readonly jobId: string
  readonly token: string
  readonly uid: string
  readonly pid: number
  readonly startedAtMs: number
  /** Boots of its node when it started. */
  readonly boots: number
  readonly script: JobScript
  /** First time that it was told to stop. */
  stoppedAtMs: number | null
  /** Ended from outside, as a crash or a kill does. */
  killed: { readonly atMs: number; readonly exitCode: number | null } | null
  /** While set, its probe is answered with this status instead; 0: not at all. */
  answersWith: number | null
}

export function emptyWorld(): SimWorld {
  return { nodes: {}, starts: [], stock: {}, failures: [], calls: 0 }
}

/** Nodes that exist now: neither deleted nor taken back. */
export function livingNodes(world: SimWorld, nowMs: number): readonly SimNode[] {
  return Object.values(world.nodes).filter((node) => !isDeleted(node, nowMs) && !isPreempted(node, nowMs))
}

/** Tokens that started more than one node, or more than one job: what must never be. */
export function doubleStarts(world: SimWorld): readonly string[] {
  const seen = new Set<string>()
  return world.starts.flatMap(({ kind, token }) => {
    const key = `${kind} ${token}`
    if (seen.has(key)) return [key]
    seen.add(key)
    return []
  })
}

export function isDeleted({ deletedAtMs }: SimNode, atMs: number): boolean {
  return deletedAtMs !== null && atMs >= deletedAtMs
}

export function isPreempted({ preemptedAtMs }: SimNode, atMs: number): boolean {
  return preemptedAtMs !== null && atMs >= preemptedAtMs
}
