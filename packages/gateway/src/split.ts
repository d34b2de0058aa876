import { chooseReplica } from './balance.ts'
import type { Candidate, Choice } from './choice.ts'

/** The replicas of some versions, and their part of the new requests. */
export interface ShareGroup<T> {
  readonly percent: number
  readonly replicas: readonly T[]
  /** What it is owed: grows by its share with each choice, and falls by a whole one when it is chosen. */
  credit: number
}

/**
 * The replica for one request of a service whose new requests are split by version: first the group, by smooth weighted
 * round robin (https://github.com/nginx/nginx/commit/52327e0627f4), so that any hundred requests in a row split as told to
 * within one; then by the service's policy within it. A group without an available replica gives its share to the others;
 * one of 0 percent is taken only when no other has one, busy or not. Changes nothing but `credit`.
 */
export function chooseBySplit<T extends Candidate>(
  groups: readonly ShareGroup<T>[],
  choice: Choice<T>,
): T | null {
  let total = 0
  let owed: ShareGroup<T> | null = null
  let chosen: T | null = null
  for (const group of groups) {
    if (group.percent <= 0) continue
    const found = chooseReplica({ ...choice, candidates: group.replicas })
    if (found === null || found.ejectedAt >= 0) continue
    total += group.percent
    group.credit += group.percent
    if (owed !== null && owed.credit >= group.credit) continue
    owed = group
    chosen = found
  }
  if (owed !== null) {
    owed.credit -= total
    return chosen
  }
  return groups.some((group) => isOnlyBusy(group, choice)) ? null : chooseReplica(choice)
}

/**
 * The replica for a request that carries the header of `group`: one of that group, whatever its share, and null where those
 * are only busy. Where it has none left, the request is split as all others are.
 */
export function chooseOfGroup<T extends Candidate>(
  group: ShareGroup<T>,
  groups: readonly ShareGroup<T>[],
  choice: Choice<T>,
): T | null {
  const found = chooseReplica({ ...choice, candidates: group.replicas })
  if (found !== null && found.ejectedAt < 0) return found
  return isOnlyBusy(group, choice) ? null : chooseBySplit(groups, choice)
}

/** It has a replica that would do but for its limit. */
function isOnlyBusy<T extends Candidate>(group: ShareGroup<T>, choice: Choice<T>): boolean {
  if (group.percent <= 0) return false
  const found = chooseReplica({
    ...choice,
    candidates: group.replicas,
    limit: Infinity,
    isGradual: false,
  })
  return found !== null && found.ejectedAt < 0
}
