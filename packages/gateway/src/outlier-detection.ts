import type { OutlierRoute } from '@skykeep/core/routes'
import { readmit } from './ejection.ts'
import type { OutlierRecord } from './outlier-record.ts'
import { isFailure, isOutlier, mostEjected } from './outlier-rules.ts'
import type { AnswerCounts } from './outlier-rules.ts'
import type { ReplicaState } from './replica-state.ts'

/** A replica that is to be taken out, and why, for people. */
export interface Outlier {
  readonly replica: ReplicaState
  readonly reason: string
}

/**
 * Finds the replicas of one service that answer, but worse than the others, by what they answer to the requests of one process (Envoy's
 * outlier detection, https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier). Compares only within one
 * version: whether a new one is worse is for its rollout to say. What all replicas do alike takes none of them out.
 */
export class OutlierDetection {
  readonly settings: OutlierRoute
  private replicas: readonly ReplicaState[] = []
  private nextLook = -Infinity

  constructor(settings: OutlierRoute) {
    this.settings = settings
  }

  follow(replicas: readonly ReplicaState[]): void {
    this.replicas = replicas
  }

  /** How long a replica is out the first time, ms. */
  get firstMs(): number {
    return this.settings.ejectionSeconds * 1000
  }

  /** Counts an answer of a replica, and lets it in when that was a good one to its trial. @returns why it is to be taken out; '' when it is not. */
  note(replica: ReplicaState, record: OutlierRecord, status: number): string {
    const hasFailed = isFailure(status)
    if (record.phase === 'asked') {
      if (hasFailed) return `answered ${status} on trial`
      record.letIn()
      readmit(replica)
    }
    record.answers += 1
    if (!hasFailed) {
      record.consecutive = 0
      return ''
    }
    record.errors += 1
    record.consecutive += 1
    const { consecutive } = record
    if (consecutive < this.settings.consecutiveErrors || !isIn(replica)) return ''
    const peers = this.peersOf(replica)
    // Where nobody has a good answer, it is not this one.
    const isAlone = peers.some((peer) => isIn(peer) && peer !== replica && peer.outlier?.consecutive === 0)
    if (!isAlone || !mayOneGo(peers, this.settings)) return ''
    return `${consecutive} answers in a row were 5xx, the last one ${status}`
  }

  /** Called every second: opens the trial of those whose time is over. @param now monotonic ms. @returns whom the interval that is over shows to be outliers. */
  sweep(now: number): readonly Outlier[] {
    for (const replica of this.replicas) openTrial(replica, now, this.firstMs)
    if (now < this.nextLook) return []
    const found = this.nextLook === -Infinity ? [] : this.look()
    this.nextLook = now + this.settings.intervalSeconds * 1000
    return found
  }

  /** The worst first, as long as one more may be out. */
  private look(): readonly Outlier[] {
    const found = new Map<ReplicaState, string>()
    for (const replica of this.replicas.filter(isIn).toSorted((a, b) => ratioOf(b) - ratioOf(a))) {
      const peers = this.peersOf(replica)
      const staying = peers.filter((peer) => !found.has(peer))
      const others = sumOf(staying.filter((peer) => peer !== replica && isIn(peer)))
      const own = sumOf([replica])
      const gone = peers.length - staying.length
      if (isOutlier(own, others, this.settings) && mayOneGo(peers, this.settings, gone)) {
        const { answers, errors } = others
        found.set(
          replica,
          `${own.errors} of ${own.answers} answers were 5xx, of the others’ ${errors} of ${answers}`,
        )
      } else if (replica.outlier !== null && replica.outlier.times > 0) replica.outlier.times -= 1
    }
    for (const { outlier } of this.replicas) outlier?.closeInterval()
    return [...found].map(([replica, reason]) => ({ replica, reason }))
  }

  private peersOf({ version }: ReplicaState): readonly ReplicaState[] {
    return this.replicas.filter((replica) => replica.version === version && !replica.isDraining)
  }
}

function isIn({ ejectedAt, isDraining, outlier }: ReplicaState): boolean {
  return ejectedAt < 0 && !isDraining && outlier?.phase === 'in'
}

/** One more may be taken out: those that take no connection count too. @param leaving of those that are in, on their way out. */
function mayOneGo(peers: readonly ReplicaState[], settings: OutlierRoute, leaving = 0): boolean {
  const out = peers.filter((peer) => !isIn(peer)).length + leaving
  return out < mostEjected(peers.length, settings.maxEjectedPercent)
}

function ratioOf({ outlier }: ReplicaState): number {
  return outlier === null || outlier.answers === 0 ? 0 : outlier.errors / outlier.answers
}

function sumOf(replicas: readonly ReplicaState[]): AnswerCounts {
  let answers = 0
  let errors = 0
  for (const { outlier } of replicas) {
    answers += outlier?.answers ?? 0
    errors += outlier?.errors ?? 0
  }
  return { answers, errors }
}

/** Also again, where a trial came to no answer: its client left. */
function openTrial(replica: ReplicaState, now: number, trialMs: number): void {
  const { outlier } = replica
  if (outlier === null || (outlier.phase !== 'out' && outlier.phase !== 'asked')) return
  if (now < outlier.until && (outlier.phase === 'out' || replica.inFlight > 0)) return
  outlier.phase = 'open'
  outlier.until = now + trialMs
  replica.ejectedAt = -1
}
