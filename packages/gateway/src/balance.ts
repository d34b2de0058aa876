import type { Candidate, Choice } from './choice.ts'
import { chooseByHash } from './consistent-hash.ts'
import { chooseByLoad } from './least-load.ts'
import { chooseNear } from './near-first.ts'
import { choosePowerOfTwo } from './power-of-two.ts'

/**
 * The replica for one request: never one that drains, was tried or is at its limit; an ejected one only when all others
 * are too, and then the one ejected longest ago. Null: none has room. Pure but for the random numbers that it takes.
 */
export function chooseReplica<T extends Candidate>(choice: Choice<T>): T | null {
  const near = choice.nearLimit < 0 ? null : chooseNear(choice, chooseByPolicy)
  return near ?? chooseByPolicy(choice)
}

function chooseByPolicy<T extends Candidate>(choice: Choice<T>): T | null {
  switch (choice.policy) {
    case 'power_of_two_choices':
      return choosePowerOfTwo(choice)
    case 'consistent_hash':
      return chooseByHash(choice)
    default:
      return chooseByLoad(choice)
  }
}
