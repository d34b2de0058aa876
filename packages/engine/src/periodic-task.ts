import { backoffMs } from './backoff.ts'
import type { EngineLog } from './engine.ts'
import { WakeBell } from './wake-bell.ts'

export interface PeriodicTaskOptions {
  readonly name: string
  readonly log: EngineLog
  readonly random: () => number
  /** One pass. @returns milliseconds until the next one unless woken. */
  readonly pass: () => Promise<number>
  /** A pass never begins sooner than this after the one before, however often it is woken. Milliseconds. */
  readonly minPauseMs?: number
  readonly onFailure?: (error: unknown) => void
}

/** Work that belongs to no row: passes one after the other, sooner when woken, with back-off when one fails. */
export class PeriodicTask {
  readonly #options: PeriodicTaskOptions
  readonly #bell = new WakeBell()
  #isStopped = false
  #loop: Promise<void> | undefined
  #failures = 0

  constructor(options: PeriodicTaskOptions) {
    this.#options = options
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  wake(): void {
    this.#bell.ring()
  }

  /** Resolves when the pass under way, if any, has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#bell.ring()
    await this.#loop
  }

  async #run(): Promise<void> {
    const { minPauseMs = 0 } = this.#options
    while (!this.#isStopped) {
      const pauseMs = await this.#pass()
      if (minPauseMs > 0) await new Promise((resolve) => setTimeout(resolve, minPauseMs))
      await this.#bell.wait(Math.max(0, pauseMs - minPauseMs))
    }
  }

  async #pass(): Promise<number> {
    try {
      const pauseMs = await this.#options.pass()
      this.#failures = 0
      return pauseMs
    } catch (error) {
      this.#failures += 1
      const pauseMs = backoffMs(this.#failures, this.#options.random(), { firstMs: 500, capMs: 10_000 })
      this.#options.log.warn({ err: error, task: this.#options.name, retryInMs: pauseMs }, 'a pass failed')
      this.#options.onFailure?.(error)
      return pauseMs
    }
  }
}
