import type { Clock } from '@skykeep/core/clock'
import { SkykeepError } from '@skykeep/core/errors'

/** Runs jobs one after another in the order of arrival; a job that waited longer than the bound fails with UNAVAILABLE. */
export class WriteQueue {
  readonly #clock: Clock
  readonly #waitMs: number
  #last: Promise<unknown> = Promise.resolve()

  constructor(clock: Clock, waitMs: number) {
    this.#clock = clock
    this.#waitMs = waitMs
  }

  run<T>(job: () => Promise<T>): Promise<T> {
    const endMs = this.#clock.monotonicMs() + this.#waitMs
    const mine = this.#last.then(() => {
      if (this.#clock.monotonicMs() <= endMs) return job()
      throw new SkykeepError('UNAVAILABLE', `no turn to write within ${this.#waitMs} ms`, {
        userMessage: 'The database is busy.',
        hint: 'Try again; `skykeep state doctor` names what holds it.',
      })
    })
    this.#last = mine.catch(() => undefined)
    return mine
  }

  /** Resolves when every job so far has ended. */
  async idle(): Promise<void> {
    await this.#last
  }
}
