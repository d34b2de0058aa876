import { seededRandom } from '@skykeep/testing/simulation/random'
import type { Beginnings } from './run-scenario.ts'
import { tellUntil } from './run-scenario.ts'
import { scenarios } from './scenarios.ts'
import type { WorldImage, WorldOptions } from './world.ts'

export interface Situation {
  readonly name: string
  readonly image: WorldImage
  readonly options: Partial<WorldOptions>
}

/** Where the number of replicas follows from the wish alone, so that everybody can tell what was asked. */
const stories = scenarios.filter(({ name }) => !/load|zero|schedule|canary/.test(name))

/** States of a world in which a schedule begins: each a story that was cut short by the death of the worker at some point. */
export class Situations {
  readonly #beginnings: Beginnings
  readonly #count: number
  readonly #known = new Map<number, Promise<Situation>>()

  /** @param count how many different ones there are at most. */
  constructor(beginnings: Beginnings, count: number) {
    this.#beginnings = beginnings
    this.#count = count
  }

  /** @param chance in [0, 1): the same number gives the same situation. */
  pick(chance: number): Promise<Situation> {
    const number = Math.floor(chance * this.#count)
    const known = this.#known.get(number) ?? this.#prepare(number)
    this.#known.set(number, known)
    return known
  }

  async #prepare(number: number): Promise<Situation> {
    const random = seededRandom(number)
    const story = stories[number % stories.length]
    if (story === undefined) throw new Error('no stories')
    const share = random()
    const { image, what } = await tellUntil(this.#beginnings, story, share)
    return { name: `${story.name}: ${what}`, image, options: story.options ?? {} }
  }
}
