import type { ClientRequest } from 'node:http'
import { openGet, reasonOf, type RequestHeaders } from './ask-once.ts'

/** A stream that was cut off. */
export interface BrokenStream {
  readonly reason: string
  /** How long it had been open, milliseconds. */
  readonly ageMs: number
}

/** Shorter requests never touch the gateway's journal, milliseconds. */
export const journalledMs = 250

const againMs = 100

/** One client that keeps a long answer open, and opens the next one when it ends. */
export class LongStream {
  readonly #url: string
  readonly #headers: RequestHeaders
  readonly #broken: BrokenStream[] = []
  #request: ClientRequest | undefined
  #isStopped = false

  constructor(url: string, headers: RequestHeaders = {}) {
    this.#headers = headers
    this.#url = url
  }

  /** Streams that did not come to their own end. */
  get broken(): readonly BrokenStream[] {
    return this.#broken
  }

  start(): void {
    const openedAt = performance.now()
    let isOver = false
    const over = (reason?: string): void => {
      if (isOver || this.#isStopped) return
      isOver = true
      if (reason !== undefined) this.#broken.push({ reason, ageMs: performance.now() - openedAt })
      setTimeout(() => this.#isStopped || this.start(), againMs)
    }
    this.#request = openGet({ url: this.#url, agent: false, headers: this.#headers }, (response) => {
      const status = response.statusCode ?? 0
      response.on('error', (error) => over(reasonOf(error)))
      response.on('end', () => over(status < 400 ? undefined : `HTTP ${status}`))
      response.resume()
    })
    this.#request.on('error', (error) => over(reasonOf(error)))
  }

  stop(): void {
    this.#isStopped = true
    this.#request?.destroy()
  }
}
