import type { Rollout } from '@skykeep/core/nouns'
import type { RolloutStatus } from '@skykeep/core/statuses'
import { decideRollout } from '../src/rollouts/decide-rollout.ts'
import type { SidePlan } from '../src/rollouts/plan.ts'

export type ModelEvent = 'look' | 'ready' | 'fail-fresh' | 'die-old' | 'hold' | 'release'

interface Side {
  starting: number
  ready: number
}

/** Replicas as numbers: what a controller that follows the plan would do, and what was lost on the way. */
export class RolloutModel {
  readonly transitions: (readonly [RolloutStatus, RolloutStatus])[] = []
  /** Ready old replicas that were removed while fewer than wanted were left ready. */
  removedTooEarly = 0
  readonly #wanted: number
  readonly #fresh: Side = { starting: 0, ready: 0 }
  readonly #old: Side
  #rollout: Rollout
  #neverReady = 0

  constructor(rollout: Rollout, wanted: number) {
    this.#rollout = rollout
    this.#wanted = wanted
    this.#old = { starting: 0, ready: wanted }
  }

  get isEnded(): boolean {
    return this.#rollout.status !== 'PROGRESSING' && this.#rollout.status !== 'ROLLING_BACK'
  }

  get readyOfGoal(): number {
    return this.#rollout.status === 'SUCCEEDED' ? this.#fresh.ready : this.#old.ready
  }

  happen(event: ModelEvent): void {
    if (this.isEnded) return
    if (event === 'look') this.#look()
    if (event === 'hold' || event === 'release')
      this.#rollout = { ...this.#rollout, isPaused: event === 'hold' }
    if (event === 'die-old' && this.#old.ready > 0) this.#old.ready -= 1
    if (event === 'fail-fresh' && this.#fresh.starting > 0) {
      this.#fresh.starting -= 1
      this.#neverReady += 1
    }
    if (event === 'ready') {
      if (this.#fresh.starting > 0) this.#neverReady = 0
      for (const side of [this.#fresh, this.#old]) {
        side.ready += side.starting
        side.starting = 0
      }
    }
  }

  #look(): void {
    const { plan, progress, end } = decideRollout({
      rollout: this.#rollout,
      isSameTask: false,
      wanted: this.#wanted,
      fresh: countOf(this.#fresh),
      old: countOf(this.#old),
      neverReady: this.#neverReady,
      lastFailure: '',
      gate: null,
      watchedMs: 5_000,
    })
    const readyBefore = this.#fresh.ready + this.#old.ready
    follow(this.#fresh, plan.fresh)
    follow(this.#old, plan.old)
    const readyAfter = this.#fresh.ready + this.#old.ready
    if (readyAfter < readyBefore && readyAfter < this.#wanted) this.removedTooEarly += 1
    if (end !== null) this.transitions.push([this.#rollout.status, end.to])
    this.#rollout = { ...this.#rollout, ...progress, status: end?.to ?? this.#rollout.status }
  }
}

function countOf({ starting, ready }: Side): { readonly living: number; readonly ready: number } {
  return { living: starting + ready, ready }
}

/** Creates up to `wanted`, removes down to `kept`, those that only start first. */
function follow(side: Side, { wanted, kept }: SidePlan): void {
  side.starting += Math.max(0, wanted - side.starting - side.ready)
  const surplus = Math.max(0, side.starting + side.ready - kept)
  const ofStarting = Math.min(side.starting, surplus)
  side.starting -= ofStarting
  side.ready -= surplus - ofStarting
}
