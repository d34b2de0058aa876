import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { SeededRandom } from '../gateway-fuzz/seeded-random.ts'
import { abort, abortMoments } from './aborting-clients.ts'
import { askFor } from './asks.ts'
import type { AskKind } from './asks.ts'
import type { Attempts, Seen } from './attempts.ts'
import { askOverHttp1 } from './http1-client.ts'
import { Http2Client } from './http2-client.ts'
import type { Loops } from './loops.ts'
import type { SoakService } from './table.ts'
import { waitOut, waitOutHttp2, waits } from './waiting-clients.ts'
import { talk } from './websocket-client.ts'
import { talkOverHttp2 } from './http2-talk.ts'

export interface CrowdParts {
  readonly loops: Loops
  readonly attempts: Attempts
  readonly seed: number
  /** How much faster the gateway's clock runs. */
  readonly speed: number
  readonly services: {
    readonly plain: SoakService
    readonly secure: SoakService
    readonly limited: SoakService
    readonly fickle: SoakService
  }
}

/** How one kind of client asks. */
interface Habit {
  readonly kind: AskKind
  readonly clients: number
  /** Opens a connection for each request. */
  readonly isAlone?: boolean
  readonly isSlow?: boolean
  /** One of so many attempts is left before its end; absent: none. */
  readonly leavesOnceIn?: number
}

const habits: readonly Habit[] = [
  { kind: 'GET', clients: 6 },
  { kind: 'GET', clients: 3, isAlone: true },
  { kind: 'late GET', clients: 6, leavesOnceIn: 6 },
  { kind: 'POST', clients: 5, leavesOnceIn: 20 },
  { kind: 'PUT', clients: 3, leavesOnceIn: 5 },
  { kind: 'events', clients: 6, leavesOnceIn: 4 },
  { kind: 'download', clients: 2, leavesOnceIn: 4 },
  { kind: 'download', clients: 2, isSlow: true, leavesOnceIn: 4 },
  { kind: 'silence', clients: 1 },
  { kind: 'cut', clients: 1 },
]
const overTls: readonly Habit[] = [
  { kind: 'GET', clients: 3 },
  { kind: 'GET', clients: 2, isAlone: true },
  { kind: 'POST', clients: 2, leavesOnceIn: 10 },
  { kind: 'events', clients: 3, leavesOnceIn: 4 },
  { kind: 'download', clients: 1, leavesOnceIn: 4 },
]
const overHttp2: readonly AskKind[] = ['GET', 'late GET', 'POST', 'events', 'download', 'GET']
const http2Clients = 3
const http2Streams = 5
const talkers = 4
const aborters = 8
const shortestPauseMs = 5
const longestPauseMs = 80

/** Everybody who asks. */
export class Crowd {
  private readonly parts: CrowdParts
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 64 })
  private readonly tlsAgent = new TlsAgent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 32 })
  private clients = 0

  constructor(parts: CrowdParts) {
    this.parts = parts
    const { plain, secure, limited, fickle } = parts.services
    for (const habit of habits) this.addHabit(habit, plain)
    for (const habit of overTls) this.addHabit(habit, secure)
    this.addHabit({ kind: 'late GET', clients: 10, leavesOnceIn: 5 }, limited)
    this.addHabit({ kind: 'GET', clients: 3 }, fickle)
    this.addHabit({ kind: 'late GET', clients: 2 }, fickle)
    for (let at = 0; at < http2Clients; at += 1) this.addHttp2()
    for (let at = 0; at < talkers; at += 1) {
      this.addTalker(plain, 'plain')
      this.addTalker(secure, at % 2 === 0 ? 'TLS' : 'HTTP/2')
    }
    for (let at = 0; at < aborters; at += 1) this.addAborter()
    this.addWaiting()
  }

  /** Closes the connections that wait for a request. To be called at rest. */
  closeIdle(): void {
    this.agent.destroy()
    this.tlsAgent.destroy()
  }

  get size(): number {
    return this.clients
  }

  /** Begins a client of its own random numbers. */
  private add(once: (random: SeededRandom) => Promise<unknown>): void {
    this.clients += 1
    const random = new SeededRandom(this.parts.seed * 1000 + this.clients)
    this.parts.loops.add(
      () => once(random),
      () => shortestPauseMs + random.below(longestPauseMs),
    )
  }

  private addHabit(habit: Habit, service: SoakService): void {
    const { loops } = this.parts
    const isTls = service.name === 'secure'
    const agent = isTls ? this.tlsAgent : this.agent
    const manner = `${habit.isAlone === true ? ', alone' : ''}${habit.isSlow === true ? ', read slowly' : ''}`
    const name = `${habit.kind}${isTls ? ' over TLS' : ''}${manner}`
    for (let at = 0; at < habit.clients; at += 1) {
      this.add(async (random) => {
        const ask = askFor(habit.kind, this.parts.attempts.nextId(), random)
        await this.note({ kind: name, service, path: ask.path, isRepeatable: ask.isRepeatable }, () =>
          askOverHttp1(ask, {
            port: service.port,
            isTls,
            agent: habit.isAlone === true ? false : agent,
            leaveAfterMs: leaveAfterMs(habit, random),
            readEveryMs: habit.isSlow === true ? 5 + random.below(30) : 0,
            sendEveryMs: random.below(60),
            signal: loops.signal,
          }),
        )
      })
    }
  }

  private async note(
    what: { kind: string; service: SoakService; path: string; isRepeatable: boolean },
    attempt: () => Promise<Seen>,
  ): Promise<Seen> {
    const startedAtMs = performance.now()
    const seen = await attempt()
    const { kind, service, path, isRepeatable } = what
    const endedAtMs = performance.now()
    const at = { startedAtMs, endedAtMs }
    this.parts.attempts.note({ ...seen, ...at, kind, service: service.name, path, isRepeatable })
    return seen
  }

  /** A connection with some requests at once, again and again; now and then it is broken off with all of them. */
  private addHttp2(): void {
    const { services, attempts, loops } = this.parts
    const service = services.secure
    this.add(async (random) => {
      const client = new Http2Client(service.port)
      const stream = async (): Promise<void> => {
        for (let left = 3 + random.below(12); left > 0 && !client.isGone; left -= 1) {
          const ask = askFor(random.pick(overHttp2 as readonly [AskKind]), attempts.nextId(), random)
          const way = { leaveAfterMs: leaveAfterMs({ leavesOnceIn: 8 }, random), signal: loops.signal }
          const { path, isRepeatable } = ask
          await this.note({ kind: `${ask.kind} over HTTP/2`, service, path, isRepeatable }, () =>
            client.ask(ask, way),
          )
          if (loops.signal.aborted) return
        }
      }
      const streams = Promise.all(Array.from({ length: http2Streams }, stream))
      if (random.once(6)) {
        await new Promise((resolve) => setTimeout(resolve, random.below(400)))
        client.leave()
      }
      await streams
      client.end(random.once(3))
    })
  }

  private addTalker(service: SoakService, way: 'plain' | 'TLS' | 'HTTP/2'): void {
    const { attempts, loops } = this.parts
    this.add(async (random) => {
      const path = `/talk/${attempts.nextId()}`
      const kind = `WebSocket${way === 'plain' ? '' : ` over ${way}`}`
      await this.note({ kind, service, path, isRepeatable: false }, () =>
        (way === 'HTTP/2' ? talkOverHttp2 : talk)({
          port: service.port,
          isTls: way !== 'plain',
          path,
          messages: 1 + random.below(40),
          everyMs: random.below(100),
          saysGoodbye: !random.once(4),
          signal: loops.signal,
        }),
      )
    })
  }

  private addAborter(): void {
    const { services, attempts } = this.parts
    this.add(async (random) => {
      const moment = random.pick(abortMoments)
      const isTls = random.once(3)
      const service = isTls || moment === 'in the handshake' ? services.secure : services.plain
      const id = attempts.nextId()
      const kind = `left ${moment}${isTls ? ' over TLS' : ''}`
      await this.note({ kind, service, path: '', isRepeatable: false }, () =>
        abort({ moment, port: service.port, isTls, id }, random),
      )
    })
  }

  private addWaiting(): void {
    const { services, attempts, speed, loops } = this.parts
    for (const wait of waits) {
      const service = wait.isTls ? services.secure : services.plain
      this.add(async () => {
        const id = attempts.nextId()
        await this.note({ kind: wait.name, service, path: wait.path(id), isRepeatable: false }, () =>
          waitOut(wait, { port: service.port, id, speed, signal: loops.signal }),
        )
      })
    }
    this.add(async () => {
      const id = attempts.nextId()
      const kind = 'HTTP/2 without another request'
      await this.note({ kind, service: services.secure, path: '', isRepeatable: false }, () =>
        waitOutHttp2({ port: services.secure.port, id, speed, signal: loops.signal }),
      )
    })
  }
}

function leaveAfterMs({ leavesOnceIn }: Pick<Habit, 'leavesOnceIn'>, random: SeededRandom): number {
  return leavesOnceIn !== undefined && random.once(leavesOnceIn) ? random.below(600) : Infinity
}
