/** Lets one waiter sleep until it rings or the signal is aborted; a ring that came since `arm` is not lost. */
export class Bell {
  readonly #signal: AbortSignal
  #hasRung = false
  #wake: (() => void) | null = null

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  ring(): void {
    this.#hasRung = true
    this.#wake?.()
  }

  arm(): void {
    this.#hasRung = false
  }

  async wait(): Promise<void> {
    if (this.#hasRung || this.#signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    this.#signal.addEventListener('abort', this.#onAbort, { once: true })
    await promise
    this.#wake = null
    this.#signal.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => this.#wake?.()
}
