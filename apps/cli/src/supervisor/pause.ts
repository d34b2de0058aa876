/** Resolves after the time, or as soon as the signal is aborted or `wake` is called. Never rejects. */
export class Pause {
  #wake: (() => void) | undefined

  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done, { once: true })
      this.#wake = done
    })
  }

  /** Ends the wait under way, if any. */
  wake(): void {
    this.#wake?.()
  }
}

/** Polls a condition that has no event until it holds; false when the deadline passes first. */
export async function waitUntil(
  isTrue: () => boolean,
  deadlineMs: number,
  clock: { monotonicMs(): number },
): Promise<boolean> {
  const endMs = clock.monotonicMs() + deadlineMs
  while (!isTrue()) {
    if (clock.monotonicMs() >= endMs) return false
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return true
}
