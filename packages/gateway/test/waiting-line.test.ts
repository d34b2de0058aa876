import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Parking } from '../src/parking.ts'
import { ProcessShare, ReplicaState } from '../src/replica-state.ts'
import { ServiceCounter } from '../src/service-counter.ts'
import { ServiceState } from '../src/service-state.ts'
import type { WaitEnd, WaitingRequest } from '../src/waiting-line.ts'

const timeoutMs = 1000

/** A request that takes what it is given. */
class Waiting implements WaitingRequest {
  waitsSince = 0
  nextWaiting: WaitingRequest | null = null
  previousWaiting: WaitingRequest | null = null
  readonly tried: readonly ReplicaState[] | null
  readonly hashKey = -1
  readonly isPinned = false
  replica: ReplicaState | null = null
  ended: WaitEnd | null = null

  constructor(tried: readonly ReplicaState[] | null) {
    this.tried = tried
  }

  get isWaiting(): boolean {
    return this.replica === null && this.ended === null
  }

  onReplicaFree(replica: ReplicaState): void {
    this.replica = replica
    replica.inFlight += 1
  }

  onWaitEnd(why: WaitEnd): void {
    this.ended = why
  }
}

/** One service with three replicas, and requests that come and go. */
class World {
  now = 0
  readonly replicas: readonly ReplicaState[]
  readonly service: ServiceState
  readonly parking: Parking
  readonly limit: number
  requests: Waiting[] = []

  constructor(limit: number, maxRequests: number) {
    this.limit = limit
    const share = new ProcessShare(0, 1)
    const routes = [0, 1, 2].map((replicaId) => ({
      replicaUid: `r${replicaId}`,
      replicaId,
      version: 1,
      isDraining: false,
      host: '127.0.0.1',
      port: 1,
    }))
    const route = {
      serviceUid: 'svc',
      serviceName: 'hello',
      host: '127.0.0.1',
      port: 1,
      replicas: routes,
      policy: 'least_load' as const,
      streamTimeoutSeconds: 120,
      parking: { maxRequests, timeoutSeconds: timeoutMs / 1000 },
      maxConcurrencyPerReplica: limit,
    }
    this.replicas = routes.map((one) => new ReplicaState(one, share))
    this.service = new ServiceState(route, new ServiceCounter('svc'))
    this.service.follow(route, this.replicas, share)
    this.parking = new Parking(
      () => this.now,
      () => undefined,
    )
  }

  get waiting(): Waiting[] {
    return this.requests.filter(({ isWaiting }) => isWaiting)
  }

  arrive(triedAt: number | null): void {
    const request = new Waiting(triedAt === null ? null : this.replicas.slice(triedAt, triedAt + 1))
    if (this.parking.admit(this.service, request, false)) this.requests.push(request)
  }

  finish(at: number): void {
    const busy = this.requests.filter(({ replica }) => replica !== null)
    const request = busy[at % Math.max(1, busy.length)]
    if (request === undefined || request.replica === null) return
    request.replica.inFlight -= 1
    this.requests = this.requests.filter((one) => one !== request)
  }

  leave(at: number): void {
    const request = this.waiting[at]
    if (request === undefined) return
    this.parking.leave(this.service, request)
    request.ended = 'not-served'
  }

  /** What must hold after every step; @returns what does not. */
  faults(before: readonly Waiting[]): string[] {
    const { waiting, service, replicas } = this
    // Those that may go anywhere go in the order in which they came.
    const free = before.filter(({ tried, ended }) => tried === null && ended === null)
    const firstLeft = free.findIndex(({ isWaiting }) => isWaiting)
    const hasRoom = replicas.some(({ inFlight, ejectedAt }) => ejectedAt < 0 && inFlight < this.limit)
    const truths: Record<string, boolean> = {
      'the line is as long as it says': service.waiting.count === waiting.length,
      'it is counted': service.counter.parked === waiting.length,
      'limits hold': replicas.every(({ inFlight }) => inFlight >= 0 && inFlight <= this.limit),
      'nobody waits too long': waiting.every(({ waitsSince }) => this.now - waitsSince < timeoutMs),
      'first come, first served': firstLeft < 0 || free.slice(firstLeft).every(({ isWaiting }) => isWaiting),
      'nobody gets one that it tried': this.requests.every(
        ({ replica, tried }) => replica === null || tried?.includes(replica) !== true,
      ),
      'nobody waits while there is room': !hasRoom || waiting.every(({ tried }) => tried !== null),
    }
    return Object.keys(truths).filter((name) => truths[name] === false)
  }
}

type Step = (world: World) => void

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.option(fc.nat(2)).map((tried) => (world: World) => world.arrive(tried)),
  fc.nat(20).map((at) => (world: World) => world.finish(at)),
  fc.nat(20).map((at) => (world: World) => world.leave(at)),
  fc.nat(400).map((ms) => (world: World) => void (world.now += ms)),
  fc.record({ at: fc.nat(2), isBack: fc.boolean() }).map(({ at, isBack }) => (world: World) => {
    const replica = world.replicas[at]
    if (replica !== undefined) replica.ejectedAt = isBack ? -1 : world.now
  }),
)

describe('a line', () => {
  it('whatever happens: limits hold, counts fit, first come is first served, nobody waits too long', () => {
    const steps = fc.array(step, { maxLength: 80 })
    const small = fc.integer({ min: 1, max: 4 })
    fc.assert(
      fc.property(steps, small, small, (all, limit, maxRequests) => {
        const world = new World(limit, maxRequests)
        for (const one of all) {
          one(world)
          const before = world.waiting
          expect(before.length).toBeLessThanOrEqual(maxRequests)
          world.parking.sweep()
          expect(world.faults(before)).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })
})
