export interface StopWish {
  /** True: the gateway ends too. */
  readonly isGatewayIncluded: boolean
  /** Time for requests in flight, milliseconds. */
  readonly graceMs: number
}

/** Whether and how the supervisor was asked to stop, by a signal or by a call. */
export class StopRequest {
  readonly #controller = new AbortController()
  readonly #say: (line: string) => void
  #wish: StopWish = { isGatewayIncluded: false, graceMs: 5000 }
  #atOnce: (() => void) | undefined
  #signals = 0

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** Aborted as soon as a stop is asked for. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get wish(): StopWish {
    return this.#wish
  }

  ask(wish: StopWish): void {
    this.#wish = wish
    this.#controller.abort()
  }

  /** What a second Ctrl-C does. */
  onSecondSignal(act: () => void): void {
    this.#atOnce = act
  }

  /** SIGINT, SIGTERM and SIGHUP ask to stop; the second one stops at once. Returns what ends the listening. */
  listenToSignals(): () => void {
    const onSignal = (): void => {
      this.#signals += 1
      if (this.#signals === 1) {
        this.#say('stopping (again to stop at once) …')
        this.#controller.abort()
        return
      }
      this.#atOnce?.()
      process.exit(130)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const signal of signals) process.on(signal, onSignal)
    return () => {
      for (const signal of signals) process.off(signal, onSignal)
    }
  }
}
