import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

/** Things that are done again and again, all of which can be brought to rest together. */
export class Loops {
  private stopping = new AbortController()
  private open = Promise.withResolvers<void>()
  private isPaused = true
  private isOver = false
  private running = 0
  private readonly all: Promise<void>[] = []
  private readonly onError: (error: unknown) => void

  /** @param onError told of what one of them threw; it goes on. */
  constructor(onError: (error: unknown) => void) {
    this.onError = onError
    setMaxListeners(0, this.stopping.signal)
  }

  /** Aborted when they are to come to rest: what would last is to end then. */
  get signal(): AbortSignal {
    return this.stopping.signal
  }

  /** @param pauseMs between the end of one round and the next. */
  add(once: () => Promise<unknown>, pauseMs: () => number): void {
    this.all.push(this.loop(once, pauseMs))
  }

  private async loop(once: () => Promise<unknown>, pauseMs: () => number): Promise<void> {
    for (;;) {
      if (this.isPaused) await this.open.promise
      if (this.isOver) return
      this.running += 1
      await once().catch((error: unknown) => this.onError(error))
      this.running -= 1
      const { signal } = this.stopping
      await delay(pauseMs(), undefined, { signal }).catch(() => undefined)
    }
  }

  resume(): void {
    if (!this.isPaused) return
    this.stopping = new AbortController()
    setMaxListeners(0, this.stopping.signal)
    this.isPaused = false
    this.open.resolve()
  }

  /** Resolves when each has ended its round. */
  async pause(): Promise<void> {
    if (!this.isPaused) {
      this.isPaused = true
      this.open = Promise.withResolvers<void>()
    }
    this.stopping.abort()
    while (this.running > 0) await delay(20)
  }

  async stop(): Promise<void> {
    await this.pause()
    this.isOver = true
    this.open.resolve()
    await Promise.all(this.all)
  }
}
