import { exitCodes } from '../commands/failure.ts'
import { Interrupted } from './interrupted.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Ctrl-C, SIGTERM and a terminal that goes, as a signal for everything that waits; the second one ends the process at once. */
export class Interruption {
  readonly #controller = new AbortController()
  readonly #onFirst: () => void
  readonly #onSecond: () => void
  readonly #onSignal = (): void => {
    if (this.signal.aborted) {
      this.#onSecond()
      process.exit(exitCodes.interrupted)
    }
    this.#controller.abort(new Interrupted('interrupted'))
    this.#onFirst()
  }

  constructor(onFirst: () => void = () => undefined, onSecond: () => void = () => undefined) {
    this.#onFirst = onFirst
    this.#onSecond = onSecond
    for (const signal of signals) process.on(signal, this.#onSignal)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** From now on a signal ends the process, as ever. */
  release(): void {
    for (const signal of signals) process.off(signal, this.#onSignal)
  }
}

/** Ctrl-C where no verb says anything of its own: nothing was begun that could be left half done. Also what a second one does. */
export function endOnInterrupt(): void {
  process.on('SIGINT', () => {
    if (process.listenerCount('SIGINT') === 1) process.exit(exitCodes.interrupted)
  })
}
