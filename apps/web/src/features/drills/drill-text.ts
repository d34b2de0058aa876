import { drillTargets, type DrillTarget } from '@skykeep/core/nouns'
import type { DrillView } from '@skykeep/core/views'
import { measured } from '#src/format/time.ts'

export const targetLabels: Readonly<Record<DrillTarget, string>> = {
  worker: 'Worker',
  gateway: 'One gateway process',
  web: 'Dashboard (web)',
  supervisor: 'Supervisor',
  replica: 'Newest replica',
  all: 'Whole control plane',
}

/** What a death does, for the person who is about to ask for it. */
export const targetConsequences: Readonly<Record<DrillTarget, string>> = {
  worker:
    'Controllers stop for a moment: nothing is launched, probed or replaced until the next worker has taken everything over. No request should fail.',
  gateway:
    'One of the processes that carry the requests dies. Requests that it holds are repeated by clients; streams through it are cut off, also those of others, and listed.',
  web: 'This page and the API are away for a moment and come back by themselves. No request should fail.',
  supervisor:
    'Nobody restarts what dies until there is a supervisor again; the drill starts one in the background if nobody else does. No request should fail.',
  replica:
    'The newest ready replica dies at once and is replaced. Repeatable requests go to the others; every other one that it holds is lost, also those of others, and listed.',
  all: 'Supervisor, worker, web and every gateway process die at once. Until they are back, no service of this installation answers; replicas live on.',
}

/** The target of that name; the worker for anything else. */
export function targetNamed(name: string): DrillTarget {
  return drillTargets.find((target) => target === name) ?? 'worker'
}

/** `Worker × 3`. Pure. */
export function drillTitle({ target, repeats }: Pick<DrillView, 'target' | 'repeats'>): string {
  return repeats === 1 ? targetLabels[target] : `${targetLabels[target]} × ${repeats}`
}

/** The drill before this one that killed the same and has a result; undefined without one. `drills` newest first. Pure. */
export function comparable(drill: DrillView, drills: readonly DrillView[]): DrillView | undefined {
  return drills.find(
    (other) =>
      other.target === drill.target && other.startedAtMs < drill.startedAtMs && other.result !== null,
  )
}

/** `+120 ms`, `−40 ms`, `the same`: how a time compares with an earlier one; null where either is missing. Pure. */
export function changeText(nowMs: number | null, beforeMs: number | null | undefined): string | null {
  if (nowMs === null || beforeMs === null || beforeMs === undefined) return null
  const change = Math.round(nowMs - beforeMs)
  if (change === 0) return 'the same'
  return `${change > 0 ? '+' : '−'}${measured(Math.abs(change))}`
}
