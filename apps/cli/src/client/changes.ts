import type { Session } from './session.ts'

/** Covers a plane that was restarted meanwhile. */
const longestWaitMs = 2_000
const againMs = 1_000

/** The plane's stream, open for as long as something is followed: one connection, however often it is waited for. */
export class Changes {
  readonly #api: Session['api']
  #subscription: { unsubscribe(): void }
  #again: NodeJS.Timeout | undefined
  #hasNews = false
  #wake: () => void = () => undefined

  constructor({ api }: Pick<Session, 'api'>) {
    this.#api = api
    this.#subscription = this.#open()
  }

  /** Resolves at once for what came since the last time, else at the next event, or after two seconds. */
  async next(): Promise<void> {
    if (!this.#hasNews) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, longestWaitMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#wake = () => undefined
    this.#hasNews = false
  }

  close(): void {
    clearTimeout(this.#again)
    this.#subscription.unsubscribe()
  }

  #open(): { unsubscribe(): void } {
    return this.#api.watch.events.subscribe(
      {},
      {
        // The first message only says where the stream begins: what came before it may have been missed.
        onData: () => {
          this.#hasNews = true
          this.#wake()
        },
        // A connection that breaks is made again by the client; one that is refused is not. What is missed is found by the bound of the wait.
        onError: () => {
          clearTimeout(this.#again)
          this.#again = setTimeout(() => {
            this.#subscription = this.#open()
          }, againMs)
        },
      },
    )
  }
}
