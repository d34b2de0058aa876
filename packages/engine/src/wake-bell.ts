/** A wait that a ring ends; a ring while nobody waits ends the next wait at once, and many rings count as one. */
export class WakeBell {
  #isRung = false
  #waiter: (() => void) | undefined

  ring(): void {
    this.#isRung = true
    this.#waiter?.()
  }

  /** Resolves when rung or after `ms`, whichever comes first. */
  async wait(ms: number): Promise<void> {
    if (!this.#isRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#waiter = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#waiter = undefined
    this.#isRung = false
  }
}
