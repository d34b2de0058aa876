import type { StatePlace } from './place.ts'

/** A verb on a persistent path, and what must hold whenever its process dies. */
export interface StateScenario {
  readonly name: string
  /** Makes what is there before; once. */
  readonly build: (place: StatePlace) => Promise<void>
  /** What a person asks for; asked again after a death. A refusal that says that it is done already is no error. */
  readonly ask: (place: StatePlace) => Promise<void>
  /** What does not hold right after a death, before anything was done about it: sentences. */
  readonly brokenByDeath: (place: StatePlace) => Promise<readonly string[]>
  /** What does not hold in the end. */
  readonly missing: (place: StatePlace) => Promise<readonly string[]>
}
