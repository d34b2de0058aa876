import { realpathSync } from 'node:fs'
import { SkykeepError } from '@skykeep/core/errors'
import type { Layout } from '@skykeep/persistent-path/layout'
import { requireRebasable } from '@skykeep/state/move/rebase-gateways'
import { whyNotThere } from './judge-place.ts'
import { Pause } from './pause.ts'

export interface PathWatchSource {
  readonly layout: Layout
  readonly usesSqlite: boolean
  /** The path that config.yaml names now; undefined where the path does not come from there. Throws for a file that cannot be read. */
  readonly wantedRoot: () => string | undefined
  readonly say: (line: string) => void
}

const lookMs = 2000

/** Watches config.yaml for another `persistent_path`: what an HA tool repoints is followed, what is not our state is said and left alone. */
export class PathWatch {
  readonly #source: PathWatchSource
  #problem: string | undefined

  constructor(source: PathWatchSource) {
    this.#source = source
  }

  /** Why the path that config.yaml names is not followed; undefined: it names this one. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** @returns the path to go to, or undefined when the signal is aborted first. */
  async untilMoved(signal: AbortSignal): Promise<string | undefined> {
    const pause = new Pause()
    while (!signal.aborted) {
      const root = await this.#look()
      if (root !== undefined) return root
      await pause.wait(lookMs, signal)
    }
    return undefined
  }

  async #look(): Promise<string | undefined> {
    const { layout, usesSqlite, wantedRoot } = this.#source
    try {
      const wanted = wantedRoot()
      const root = wanted === undefined ? layout.root : realOf(wanted)
      if (root === layout.root) return this.#note(undefined)
      const why = whyNotThere(layout, root, usesSqlite)
      if (why !== undefined) return this.#note(`${why}. Nothing was changed: it goes on at ${layout.root}`)
      await requireRebasable(layout)
      this.#note(undefined)
      return root
    } catch (error) {
      const reason =
        error instanceof SkykeepError ? `${error.userMessage}. ${error.hint ?? ''}` : String(error)
      return this.#note(`config.yaml cannot be followed: ${reason}`)
    }
  }

  #note(problem: string | undefined): undefined {
    if (problem !== undefined && problem !== this.#problem) this.#source.say(`path: ${problem}`)
    this.#problem = problem
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
