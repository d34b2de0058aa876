import http from 'node:http'
import { WebSocket } from 'ws'

export interface LoadPlan {
  /** `http://127.0.0.1:30001` */
  readonly url: string
  /** Short requests a second, over kept-alive connections; one in ten is a POST. */
  readonly requestsPerSecond: number
  /** Event streams open at any time, each this long. */
  readonly streams: number
  readonly streamSeconds: number
  /** WebSockets open at any time; each echoes a message every 200 ms. */
  readonly webSockets: number
}

export interface LoadFailure {
  readonly kind: 'request' | 'stream' | 'websocket'
  readonly method: string
  readonly path: string
  readonly reason: string
  /** True for requests that HTTP lets a proxy repeat. */
  readonly isIdempotent: boolean
  readonly wasRefused: boolean
  /** How long it had been under way, milliseconds. */
  readonly ageMs: number
  /** When it began, on the monotonic clock of this process. */
  readonly beganAtMs: number
}

export interface LoadReport {
  readonly requests: number
  readonly streamsEnded: number
  readonly webSocketMessages: number
  readonly failures: readonly LoadFailure[]
  /** Longest time without any good reply, milliseconds. */
  readonly longestGapMs: number
}

/** Clients of a service that go on until they are stopped and remember everything that went wrong. */
export class Load {
  readonly #plan: LoadPlan
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
  readonly #failures: LoadFailure[] = []
  readonly #open = new Set<Promise<void>>()
  /** In the order of their start. */
  readonly #requestStarts = new Set<number>()
  readonly #cuts = new Set<() => void>()
  readonly #goodbyes = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
  #isStopping = false
  #requests = 0
  #streamsEnded = 0
  #webSocketMessages = 0
  #lastGoodAt = performance.now()
  #longestGapMs = 0
  #serial = 0

  constructor(plan: LoadPlan) {
    this.#plan = plan
  }

  start(): void {
    this.resetGap()
    const everyMs = 20
    const each = Math.max(1, Math.round((this.#plan.requestsPerSecond * everyMs) / 1000))
    this.#timer = setInterval(() => {
      for (let count = 0; count < each; count += 1) this.#track(this.#request())
    }, everyMs)
    for (let count = 0; count < this.#plan.streams; count += 1) this.#track(this.#streamAgain())
    for (let count = 0; count < this.#plan.webSockets; count += 1) this.#track(this.#webSocketAgain())
  }

  /** Failures so far. */
  get failures(): readonly LoadFailure[] {
    return this.#failures
  }

  /** Good short replies so far. */
  get requests(): number {
    return this.#requests
  }

  /** Longest time without any good reply since the last reset, milliseconds. */
  get longestGapMs(): number {
    return Math.max(this.#longestGapMs, performance.now() - this.#lastGoodAt)
  }

  /** Age of the short request that has been under way for longest, milliseconds; 0 when none is. */
  get oldestRequestMs(): number {
    const [first] = this.#requestStarts
    return first === undefined ? 0 : performance.now() - first
  }

  resetGap(): void {
    this.#longestGapMs = 0
    this.#lastGoodAt = performance.now()
  }

  /** Closes every WebSocket with a goodbye; each is opened again. */
  renewWebSockets(): void {
    for (const sayGoodbye of this.#goodbyes) sayGoodbye()
  }

  /** Stops at once and cuts off what is open; nothing after it counts. */
  async abandon(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#timer)
    for (const cut of this.#cuts) cut()
    await Promise.all(this.#open)
    this.#agent.destroy()
  }

  /** Stops new work, waits for what is open, and says how it went. */
  async stop(): Promise<LoadReport> {
    this.#isStopping = true
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    this.#agent.destroy()
    return {
      requests: this.#requests,
      streamsEnded: this.#streamsEnded,
      webSocketMessages: this.#webSocketMessages,
      failures: this.#failures,
      longestGapMs: Math.round(this.#longestGapMs),
    }
  }

  #track(work: Promise<void>): void {
    this.#open.add(work)
    void work.finally(() => this.#open.delete(work))
  }

  #good(): void {
    const now = performance.now()
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastGoodAt)
    this.#lastGoodAt = now
  }

  #fail(
    failure: Pick<LoadFailure, 'kind' | 'method' | 'path' | 'reason'> & { readonly startedAt: number },
  ): void {
    const { startedAt, ...shown } = failure
    this.#failures.push({
      ...shown,
      isIdempotent: shown.kind === 'request' && shown.method === 'GET',
      wasRefused: shown.reason === 'ECONNREFUSED',
      ageMs: performance.now() - startedAt,
      beganAtMs: startedAt,
    })
  }

  #request(): Promise<void> {
    this.#serial += 1
    const method = this.#serial % 10 === 0 ? 'POST' : 'GET'
    const path = `/short/${this.#serial}`
    const startedAt = performance.now()
    this.#requestStarts.add(startedAt)
    return new Promise((resolve) => {
      const done = (reason?: string): void => {
        this.#requestStarts.delete(startedAt)
        if (reason !== undefined) this.#fail({ kind: 'request', method, path, reason, startedAt })
        resolve()
      }
      const request = http.request(this.#plan.url + path, { method, agent: this.#agent }, (response) => {
        response.resume()
        response.on('error', (error) => done(reasonOf(error)))
        response.on('end', () => {
          if (response.statusCode !== 200) return done(`HTTP ${response.statusCode}`)
          this.#requests += 1
          this.#good()
          done()
        })
      })
      request.on('error', (error) => done(reasonOf(error)))
      request.end(method === 'POST' ? 'payload' : undefined)
    })
  }

  async #streamAgain(): Promise<void> {
    while (!this.#isStopping) await this.#stream()
  }

  #stream(): Promise<void> {
    this.#serial += 1
    const path = `/stream?seconds=${this.#plan.streamSeconds}&id=${this.#serial}`
    const startedAt = performance.now()
    return new Promise((resolve) => {
      let seen = ''
      const done = (reason?: string): void => {
        this.#cuts.delete(cut)
        if (reason === undefined) this.#streamsEnded += 1
        else this.#fail({ kind: 'stream', method: 'GET', path, reason, startedAt })
        // A failed stream is not opened again in a tight loop.
        setTimeout(resolve, reason === undefined ? 0 : 100)
      }
      const request = http.request(this.#plan.url + path, { agent: false }, (response) => {
        response.setEncoding('utf8')
        response.on('data', (text: string) => (seen += text))
        response.on('error', (error) => done(reasonOf(error)))
        response.on('end', () => {
          const isWhole = (seen.match(/data: \d+/g)?.length ?? 0) === this.#plan.streamSeconds * 10
          done(
            isWhole && seen.endsWith('data: end\n\n') ? undefined : `HTTP ${response.statusCode}, cut short`,
          )
        })
      })
      request.on('error', (error) => done(reasonOf(error)))
      request.end()
      const cut = (): void => void request.destroy()
      this.#cuts.add(cut)
    })
  }

  async #webSocketAgain(): Promise<void> {
    while (!this.#isStopping) await this.#webSocket()
  }

  #webSocket(): Promise<void> {
    this.#serial += 1
    const path = `/socket/${this.#serial}`
    const startedAt = performance.now()
    return new Promise((resolve) => {
      const socket = new WebSocket(this.#plan.url.replace('http', 'ws') + path)
      let sent = 0
      let received = 0
      let failure: string | undefined
      const timer = setInterval(() => {
        if (socket.readyState !== WebSocket.OPEN) return
        if (this.#isStopping && sent === received) socket.close()
        else if (!this.#isStopping) socket.send(String((sent += 1)))
      }, 200)
      socket.on('message', (message) => {
        received += 1
        this.#webSocketMessages += 1
        if (String(message) !== String(received)) failure = `echo ${String(message)} for ${received}`
      })
      socket.on('error', (error) => (failure ??= reasonOf(error)))
      const cut = (): void => socket.terminate()
      const sayGoodbye = (): void => socket.close(1000)
      this.#cuts.add(cut)
      this.#goodbyes.add(sayGoodbye)
      socket.on('close', (code) => {
        clearInterval(timer)
        this.#cuts.delete(cut)
        this.#goodbyes.delete(sayGoodbye)
        if (code === 1006) failure ??= 'closed without a goodbye'
        if (failure !== undefined) {
          this.#fail({ kind: 'websocket', method: 'GET', path, reason: failure, startedAt })
        }
        setTimeout(resolve, failure === undefined ? 0 : 100)
      })
    })
  }
}

function reasonOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
