/** How many messages wait at most; then the senders do. */
const capacity = 1000

/** What several streams send, in the order in which it comes. A slow reader slows the senders down. */
export class Mailbox<T> {
  readonly #signal: AbortSignal
  #messages: T[] = []
  #senders = 0
  #failure: { readonly error: unknown } | null = null
  /** Called when something changed for the reader, and for senders that wait. */
  #wakeReader: () => void = () => undefined
  #wakeSenders: (() => void)[] = []

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#wake())
  }

  /** Sends everything of a stream until its end. An error of it ends the reading. */
  from(stream: AsyncIterable<T>): void {
    this.during(this.#send(stream))
  }

  /** Stays open until that has ended, too. An error of it ends the reading. */
  during(work: Promise<void>): void {
    this.#senders += 1
    void work
      .catch((error: unknown) => {
        this.#failure = { error }
      })
      .finally(() => {
        this.#senders -= 1
        this.#wake()
      })
  }

  /** What has come, at most so many at a time, until every sender has ended or the signal. Throws what a sender threw. */
  async *batches(max: number): AsyncGenerator<readonly T[]> {
    while (!this.#signal.aborted) {
      if (this.#failure !== null) throw this.#failure.error
      const batch = this.#messages.splice(0, max)
      if (batch.length > 0) {
        this.#wake()
        yield batch
      } else if (this.#senders === 0) return
      else await new Promise<void>((resolve) => (this.#wakeReader = resolve))
    }
  }

  async #send(stream: AsyncIterable<T>): Promise<void> {
    for await (const message of stream) {
      while (this.#messages.length >= capacity && !this.#signal.aborted)
        await new Promise<void>((resolve) => this.#wakeSenders.push(resolve))
      if (this.#signal.aborted) return
      this.#messages.push(message)
      this.#wakeReader()
    }
  }

  #wake(): void {
    this.#wakeReader()
    const waiting = this.#wakeSenders
    this.#wakeSenders = []
    for (const wake of waiting) wake()
  }
}
