import { hasRoom, isWhole } from './choice.ts'
import type { Candidate, Choice } from './choice.ts'
import { chooseByLoad } from './least-load.ts'

/**
 * Two different replicas at random among all that have room, and of these the one with fewer in flight (Mitzenmacher, "The
 * Power of Two Choices in Randomized Load Balancing", 2001): where several gateway processes choose, each by what it sees
 * alone, they do not all choose the same one. Holds what `chooseReplica` promises.
 */
export function choosePowerOfTwo<T extends Candidate>(choice: Choice<T>): T | null {
  const { candidates, random } = choice
  let count = 0
  for (const candidate of candidates) if (isWhole(candidate, choice) && hasRoom(candidate, choice)) count += 1
  // With none there is one that is only busy, or all are out.
  if (count < 2) return chooseByLoad(choice)
  const first = Math.floor(random() * count)
  const other = Math.floor(random() * (count - 1))
  const second = other < first ? other : other + 1
  let found: T | null = null
  let at = -1
  for (const candidate of candidates) {
    if (!isWhole(candidate, choice) || !hasRoom(candidate, choice)) continue
    at += 1
    if (at !== first && at !== second) continue
    if (found !== null) return isFewer(candidate, found, second > first) ? candidate : found
    found = candidate
  }
  return found
}

/** Of equal ones the one that was drawn first: the earlier in the table has no advantage. */
function isFewer(later: Candidate, earlier: Candidate, isEarlierFirst: boolean): boolean {
  return later.inFlight < earlier.inFlight || (later.inFlight === earlier.inFlight && !isEarlierFirst)
}
