import { Agent, request, type ClientRequest } from 'node:http'

export type Kind = 'GET' | 'POST' | 'stream' | 'aborted'

export interface Failure {
  readonly kind: Kind
  readonly what: string
  /** Monotonic ms. */
  readonly startedAtMs: number
  readonly endedAtMs: number
}

const kinds: readonly Kind[] = ['GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'stream', 'aborted']
const bodyBytes = 20_000
const events = 20
const abortWithinMs = 60
/** Between two requests of one client. */
const pauseMs = 5

/** So many clients, each of which asks again and again. */
export class Clients {
  readonly ended: Record<Kind, number> = { GET: 0, POST: 0, stream: 0, aborted: 0 }
  readonly failures: Failure[] = []
  #isStopped = false
  readonly #port: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity })
  readonly #loops: readonly Promise<void>[]

  constructor(port: number, count: number) {
    this.#port = port
    this.#loops = Array.from({ length: count }, () => this.#loop())
  }

  async #loop(): Promise<void> {
    while (!this.#isStopped) {
      const kind = kinds[Math.floor(Math.random() * kinds.length)] ?? 'GET'
      const startedAtMs = performance.now()
      const what = await this.#ask(kind)
      this.ended[kind] += 1
      if (what !== '') this.failures.push({ kind, what, startedAtMs, endedAtMs: performance.now() })
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  /** @returns '' when all was well. */
  #ask(kind: Kind): Promise<string> {
    return new Promise((resolve) => {
      const asked = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          agent: this.#agent,
          method: kind === 'POST' ? 'POST' : 'GET',
          path: kind === 'stream' || kind === 'aborted' ? '/stream' : '/short',
        },
        (answer) => {
          let text = ''
          answer.setEncoding('latin1')
          answer.on('data', (part: string) => (text += part))
          answer.on('error', (error) => resolve(kind === 'aborted' ? '' : error.message))
          answer.on('end', () => resolve(judge(kind, answer.statusCode ?? 0, text)))
        },
      )
      asked.on('error', (error) => resolve(kind === 'aborted' ? '' : error.message))
      if (kind === 'aborted') leave(asked)
      asked.end(kind === 'POST' ? 'x'.repeat(bodyBytes) : undefined)
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#loops)
    this.#agent.destroy()
  }
}

function leave(asked: ClientRequest): void {
  setTimeout(() => asked.destroy(), Math.random() * abortWithinMs)
}

function judge(kind: Kind, status: number, text: string): string {
  if (status !== 200) return `${status} ${text.trim().slice(0, 60)}`
  if (kind !== 'stream' && kind !== 'aborted') return text === 'ok' ? '' : 'another answer'
  return text.endsWith(`data: ${events}\n\n`) ? '' : 'a stream that was cut short'
}
