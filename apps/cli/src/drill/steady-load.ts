import type { Agent } from 'node:http'
import { agentFor, askOnce, type RequestHeaders } from './ask-once.ts'
import { LoadTally } from './load-tally.ts'

const tickMs = 10
const maxSockets = 64
const timeoutMs = 10_000

/**
 * Clients that GET one address at a steady rate over kept-alive connections. Each request is due at its own time, whatever became of the
 * others, and is measured from then: a service that stands still delays no question (coordinated omission).
 */
export class SteadyLoad {
  readonly tally = new LoadTally(performance.now())
  readonly #url: string
  readonly #everyMs: number
  readonly #headers: RequestHeaders
  readonly #agent: Agent
  readonly #open = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #dueAtMs = performance.now()

  /** @param rate requests a second */
  constructor(url: string, rate: number, headers: RequestHeaders = {}) {
    this.#headers = headers
    this.#url = url
    this.#everyMs = 1000 / rate
    this.#agent = agentFor(url, maxSockets)
  }

  start(): void {
    this.#dueAtMs = performance.now()
    this.#timer = setInterval(() => this.#askWhatIsDue(), tickMs)
  }

  /** Asks nothing more, and waits for the answers that are due. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    this.#agent.destroy()
  }

  /** Asks nothing more; what is open is cut off and counts for nothing. */
  abandon(): void {
    clearInterval(this.#timer)
    this.#agent.destroy()
  }

  #askWhatIsDue(): void {
    const now = performance.now()
    for (; this.#dueAtMs <= now; this.#dueAtMs += this.#everyMs) {
      const asking = this.#ask(this.#dueAtMs)
      this.#open.add(asking)
      void asking.finally(() => this.#open.delete(asking))
    }
  }

  async #ask(dueAtMs: number): Promise<void> {
    const attempt = { url: this.#url, timeoutMs, headers: this.#headers }
    const first = await askOnce({ ...attempt, agent: this.#agent })
    const isRepeated = first.kind === 'bad' && first.isRepeatable
    const outcome = isRepeated ? await askOnce({ ...attempt, agent: false }) : first
    if (outcome.kind === 'good') this.tally.good(dueAtMs, performance.now(), isRepeated)
    else this.tally.bad(outcome.reason)
  }
}
