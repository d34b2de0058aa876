import type { Ask } from './web.ts'
import type { World, WorldOptions } from './world.ts'

/** One thing after the other, as the story goes; a control plane may die anywhere in it. */
export type Step =
  /** A person asks; asked again when the answer never came. */
  | { readonly type: 'ask'; readonly what: string; readonly ask: Ask }
  /** The world outside does something at once. */
  | { readonly type: 'happens'; readonly what: string; readonly change: (world: World) => void }
  /** Everything goes on until it is so. `missing` says what is not yet. */
  | {
      readonly type: 'until'
      readonly missing: (world: World) => readonly string[]
      readonly withinMs?: number
    }
  /** Everything goes on for so long. */
  | { readonly type: 'for'; readonly ms: number }

export interface Scenario {
  readonly name: string
  /** What has happened before, in a world where nobody dies. Scenarios with the same text begin in the same world. */
  readonly before: readonly Step[]
  readonly story: readonly Step[]
  /** What was asked for and is not so at the end. */
  readonly missing: (world: World) => readonly string[]
  /** Most jobs that may ever run at once. */
  readonly maxJobs: number
  readonly options?: Partial<Omit<WorldOptions, 'seed' | 'image' | 'onPoint'>>
}

export function ask(what: string, action: Ask): Step {
  return { type: 'ask', what, ask: action }
}

export function until(missing: (world: World) => readonly string[], withinMs?: number): Step {
  return { type: 'until', missing, ...(withinMs === undefined ? {} : { withinMs }) }
}
