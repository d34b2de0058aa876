/** Lets one waiter sleep until it rings, the signal is aborted or the longest time has passed; a ring since `arm` is not lost. */
export class Bell {
  readonly #signal: AbortSignal
  readonly #longestMs: number | null
  #hasRung = false
  #wake: (() => void) | undefined

  /** @param longestMs milliseconds; null: as long as it takes. */
  constructor(signal: AbortSignal, longestMs: number | null = null) {
    this.#signal = signal
    this.#longestMs = longestMs
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
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#signal.removeEventListener('abort', done)
        this.#wake = undefined
        resolve()
      }
      const timer = this.#longestMs === null ? undefined : setTimeout(done, this.#longestMs)
      this.#signal.addEventListener('abort', done)
      this.#wake = done
    })
  }
}
