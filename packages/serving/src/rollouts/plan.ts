import type { Rollout } from '@skykeep/core/nouns'

/** Replicas of one side of a rollout that are wanted: living ones, and those of them that have been ready for long enough. */
export interface SideCount {
  readonly living: number
  readonly ready: number
}

/** What one side of a rollout should have. */
export interface SidePlan {
  /** Create replicas up to this number. */
  readonly wanted: number
  /** Remove what is above this number, the least useful first. */
  readonly kept: number
}

export interface RolloutPlan {
  /** Of the version that the rollout goes to. */
  readonly fresh: SidePlan
  /** Of every other version. */
  readonly old: SidePlan
}

export interface PlanFacts {
  readonly rollout: Rollout
  /** Replicas that the service should have. */
  readonly wanted: number
  readonly fresh: SideCount
  readonly old: SideCount
  /** The two versions cannot run side by side (a fixed port of one machine): the one ends before the other begins. */
  readonly isExclusive?: boolean
}

/** True while the old version keeps its full number: before a blue-green switch, and in the steps of a canary. */
export function isOldAtFull({ mode, step, settings, status }: Rollout): boolean {
  if (status !== 'PROGRESSING') return false
  if (mode === 'blue_green') return step === 0
  return mode === 'canary' && step < settings.canary.stepPercents.length
}

/** Replicas of the new version in the present step of a canary: at least one, never more than all. */
export function canaryReplicas({ step, settings }: Rollout, wanted: number): number {
  const percent = settings.canary.stepPercents[step] ?? 100
  return Math.min(wanted, Math.max(1, Math.ceil((wanted * percent) / 100)))
}

/** How many replicas each side should have now. Pure. */
export function planRollout(facts: PlanFacts): RolloutPlan {
  const { rollout, wanted, fresh, old } = facts
  if (facts.isExclusive === true) return replaceWhole(facts)
  if (rollout.status === 'ROLLING_BACK') {
    const { goal, other } = replaceStepwise(rollout, wanted, { goal: old, other: fresh })
    return { fresh: other, old: goal }
  }
  if (rollout.isPaused) return holdStill(facts)
  if (isOldAtFull(rollout)) {
    const many = rollout.mode === 'canary' ? canaryReplicas(rollout, wanted) : wanted
    return { fresh: { wanted: many, kept: many }, old: { wanted, kept: wanted } }
  }
  if (rollout.mode === 'blue_green') {
    return { fresh: { wanted, kept: wanted }, old: { wanted: 0, kept: 0 } }
  }
  const { goal, other } = replaceStepwise(rollout, wanted, { goal: fresh, other: old })
  return { fresh: goal, old: other }
}

/** Up to `maxSurge` above the wanted number; one of the other side goes for each that is ready on this one. */
function replaceStepwise(
  { settings }: Rollout,
  wanted: number,
  { goal, other }: { readonly goal: SideCount; readonly other: SideCount },
): { readonly goal: SidePlan; readonly other: SidePlan } {
  const room = wanted + Math.max(1, settings.maxSurge) - Math.min(other.living, wanted)
  return {
    goal: { wanted: Math.min(wanted, Math.max(room, goal.living)), kept: wanted },
    other: { wanted: 0, kept: Math.max(0, wanted - goal.ready) },
  }
}

/** Stops one side before the other starts. */
function replaceWhole({ rollout, wanted, fresh, old }: PlanFacts): RolloutPlan {
  const nothing = { wanted: 0, kept: 0 }
  const all = { wanted, kept: wanted }
  if (rollout.status === 'ROLLING_BACK')
    return { fresh: nothing, old: fresh.living === 0 ? all : { wanted: 0, kept: wanted } }
  if (rollout.isPaused && old.living > 0) return { fresh: nothing, old: all }
  return { fresh: old.living === 0 ? all : { wanted: 0, kept: wanted }, old: nothing }
}

/** A person holds it: nothing is replaced, and what dies is made good so that the number stays. */
function holdStill({ rollout, wanted, fresh, old }: PlanFacts): RolloutPlan {
  if (isOldAtFull(rollout)) {
    return {
      fresh: { wanted: fresh.living, kept: fresh.living },
      old: { wanted, kept: wanted },
    }
  }
  const missing = Math.max(0, wanted - old.living - fresh.living)
  const room = Math.max(0, wanted + Math.max(1, rollout.settings.maxSurge) - fresh.living)
  return {
    fresh: { wanted: Math.min(wanted, fresh.living + missing), kept: wanted },
    old: { wanted: 0, kept: Math.min(old.living, room) },
  }
}
