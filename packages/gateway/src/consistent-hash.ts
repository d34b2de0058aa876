import { hasRoom, isWhole } from './choice.ts'
import type { Candidate, Choice } from './choice.ts'
import { mixed } from './hash.ts'
import { chooseByLoad } from './least-load.ts'

/**
 * The replica to which a request's key belongs, with bounded load (Mirrokni, Thorup and Zadimoghaddam, "Consistent Hashing
 * with Bounded Loads", 2016): none that answers gets more than ceil(factor * mean) in flight, this request counted; a key whose
 * replica is at that goes to the next in its own order. The order is rendezvous hashing (Thaler and Ravishankar, 1998):
 * a replica that comes takes 1/n of the keys, one that goes leaves its own to all others alike (a ring gives them to one
 * neighbour), and there is no table to build. Without a key, and where no replica answers: least_load. Only where those below
 * the bound have no room for one that waited is the bound passed. Holds what `chooseReplica` promises.
 */
export function chooseByHash<T extends Candidate>(choice: Choice<T>): T | null {
  const { candidates, hashKey } = choice
  if (hashKey < 0) return chooseByLoad(choice)
  const bound = boundOf(choice)
  let best: T | null = null
  let bestScore = -1
  for (const candidate of candidates) {
    if (candidate.inFlight >= bound || !isWhole(candidate, choice) || !hasRoom(candidate, choice)) continue
    const score = mixed(hashKey ^ candidate.hashSeed)
    if (score <= bestScore) continue
    bestScore = score
    best = candidate
  }
  return best ?? chooseByLoad(choice)
}

function boundOf<T extends Candidate>(choice: Choice<T>): number {
  let count = 0
  let inFlight = 0
  for (const candidate of choice.candidates) {
    if (!isWhole(candidate, choice)) continue
    count += 1
    inFlight += candidate.inFlight
  }
  return Math.ceil((choice.loadFactor * (inFlight + 1)) / Math.max(1, count))
}
