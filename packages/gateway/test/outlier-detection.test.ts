import type { OutlierRoute } from '@skykeep/core/routes'
import { defaultOutliers } from '@skykeep/core/service-spec'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eject } from '../src/ejection.ts'
import { OutlierDetection } from '../src/outlier-detection.ts'
import { OutlierRecord } from '../src/outlier-record.ts'
import { isFailure, isOutlier, mostEjected } from '../src/outlier-rules.ts'
import type { AnswerCounts } from '../src/outlier-rules.ts'
import { ProcessShare, ReplicaState } from '../src/replica-state.ts'

function replicaOf(id: number, version = 1): ReplicaState {
  const route = {
    replicaUid: `r${id}`,
    replicaId: id,
    version,
    host: '127.0.0.1',
    port: 1,
    isDraining: false,
  }
  const replica = new ReplicaState(route, new ProcessShare(0, 1))
  replica.outlier = new OutlierRecord()
  return replica
}

/** A service of some replicas and the clock that it lives by. */
class World {
  readonly replicas: readonly ReplicaState[]
  readonly detection: OutlierDetection
  readonly reasons: string[] = []
  now = 0

  constructor(versions: readonly number[], settings: Partial<OutlierRoute> = {}) {
    this.replicas = versions.map((version, id) => replicaOf(id, version))
    this.detection = new OutlierDetection({ ...defaultOutliers, ...settings })
    this.detection.follow(this.replicas)
    this.sweep()
  }

  answer(id: number, status: number): void {
    const replica = this.replica(id)
    if (replica.outlier === null) return
    if (replica.outlier.phase === 'open') {
      replica.outlier.phase = 'asked'
      replica.ejectedAt = this.now
    }
    const reason = this.detection.note(replica, replica.outlier, status)
    if (reason !== '') this.holdOut(replica, reason)
  }

  pass(ms: number): void {
    this.now += ms
    this.sweep()
  }

  private sweep(): void {
    for (const { replica, reason } of this.detection.sweep(this.now)) this.holdOut(replica, reason)
  }

  private holdOut(replica: ReplicaState, reason: string): void {
    this.reasons.push(`r${replica.replicaId}: ${reason}`)
    replica.outlier?.holdOut(this.detection.firstMs, this.now)
    eject(replica, reason, { monotonicMs: this.now, wallMs: 0 })
  }

  replica(id: number): ReplicaState {
    const replica = this.replicas[id]
    if (replica === undefined) throw new Error(`no replica ${id}`)
    return replica
  }

  get out(): readonly number[] {
    return this.replicas.flatMap(({ replicaId, ejectedAt }) => (ejectedAt >= 0 ? [replicaId] : []))
  }
}

describe('what is a failure', () => {
  it.each([
    [200, false],
    [404, false],
    [429, false],
    [500, true],
    [501, false],
    [502, true],
    [503, true],
    [504, true],
    [505, false],
    [507, true],
  ])('%i: %s', (status, expected) => {
    expect(isFailure(status)).toBe(expected)
  })
})

describe('how many may be out', () => {
  it('never more than half, never the last, at least one of two or more', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 50 }), (count, percent) => {
        const most = mostEjected(count, percent)
        expect(most).toBeLessThanOrEqual(count / 2)
        expect(count - most >= 1 || count === 0).toBe(true)
        expect(most >= 1).toBe(count >= 2)
        expect(most <= Math.max(1, (count * percent) / 100)).toBe(true)
      }),
    )
  })
})

describe('whose share of failures is an outlier', () => {
  const counts = fc.tuple(fc.nat(500), fc.nat(500)).map(([a, b]) => ({ answers: a + b, errors: b }))

  it('never one that fails no more often than the others, nor one with too few answers', () => {
    fc.assert(
      fc.property(counts, counts, (own, others) => {
        const isWorse = own.errors * others.answers > others.errors * own.answers
        const hasEnough = own.answers >= 20 && others.answers >= 20
        expect(isOutlier(own, others, defaultOutliers) && !(isWorse && hasEnough)).toBe(false)
      }),
    )
  })

  it('more failures of its own never save it, more of the others never condemn it', () => {
    fc.assert(
      fc.property(counts, counts, (own, others) => {
        const worse = { ...own, errors: own.answers }
        const better = { ...others, errors: 0 }
        const was = isOutlier(own, others, defaultOutliers)
        expect(was && !isOutlier(worse, better, defaultOutliers)).toBe(false)
      }),
    )
  })

  it.each([
    ['20 of 20', '0 of 200', true],
    ['8 of 20', '0 of 200', true],
    ['6 of 20', '0 of 200', false],
    ['60 of 100', '50 of 100', false],
    ['100 of 100', '100 of 100', false],
    ['19 of 19', '0 of 200', false],
    ['13 of 20', '5 of 20', false],
    ['16 of 20', '2 of 20', true],
  ])('%s bad, of the others %s: %s', (own, others, expected) => {
    const countsOf = (text: string): AnswerCounts => {
      const [errors = 0, answers = 0] = text.split(' of ').map(Number)
      return { answers, errors }
    }
    expect(isOutlier(countsOf(own), countsOf(others), defaultOutliers)).toBe(expected)
  })
})

describe('failures in a row', () => {
  it('take the replica out, with the reason, and a good answer between begins anew', () => {
    const world = new World([1, 1, 1])
    for (let i = 0; i < 4; i += 1) world.answer(0, 500)
    world.answer(0, 200)
    for (let i = 0; i < 4; i += 1) world.answer(0, 500)
    expect(world.out).toEqual([])
    world.answer(0, 503)
    expect(world.out).toEqual([0])
    expect(world.reasons).toEqual(['r0: 5 answers in a row were 5xx, the last one 503'])
  })

  it('take nobody out when all fail alike, nor the only one of its version', () => {
    const world = new World([1, 1, 1, 2])
    for (let i = 0; i < 50; i += 1) for (const id of [0, 1, 2, 3]) world.answer(id, 500)
    world.pass(10_000)
    expect(world.out).toEqual([])
  })

  it('do not count a replica that is drained away as one of those that are left', () => {
    const world = new World([1, 1])
    world.replica(1).isDraining = true
    for (let i = 0; i < 20; i += 1) world.answer(0, 500)
    expect(world.out).toEqual([])
  })
})

describe('a share of failures', () => {
  it('takes the worst out when the interval is over, and says how it compares', () => {
    const world = new World([1, 1, 1], { consecutiveErrors: 1000 })
    for (let i = 0; i < 40; i += 1) {
      world.answer(0, i % 4 === 0 ? 200 : 500)
      world.answer(1, i % 2 === 0 ? 200 : 500)
      world.answer(2, 200)
    }
    world.pass(9999)
    expect(world.out).toEqual([])
    world.pass(1)
    expect(world.reasons).toEqual(['r0: 30 of 40 answers were 5xx, of the others’ 20 of 80'])
    expect(world.out).toEqual([0])
  })

  it('counts each interval for itself', () => {
    const world = new World([1, 1], { consecutiveErrors: 1000 })
    for (let i = 0; i < 19; i += 1) world.answer(0, 500)
    world.pass(10_000)
    for (let i = 0; i < 19; i += 1) world.answer(0, 500)
    for (let i = 0; i < 100; i += 1) world.answer(1, 200)
    world.pass(10_000)
    expect(world.out).toEqual([])
  })
})

describe('the way back', () => {
  function outWorld(): World {
    const world = new World([1, 1, 1])
    for (let i = 0; i < 5; i += 1) world.answer(0, 500)
    return world
  }

  it('begins when its time is over, with one request, and ends with a good answer to it', () => {
    const world = outWorld()
    world.pass(29_999)
    expect(world.out).toEqual([0])
    world.pass(1)
    expect(world.out).toEqual([])
    expect(world.replica(0).isOutlier).toBe(true)
    world.answer(0, 200)
    expect(world.replica(0).isOutlier).toBe(false)
    expect(world.replica(0).ejectReason).toBe('')
  })

  it('takes longer each time, up to ten times as long, and shorter again with each good interval', () => {
    const world = outWorld()
    for (const times of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]) {
      world.pass(30_000 * times - 1)
      expect(world.out).toEqual([0])
      world.pass(1)
      expect(world.out).toEqual([])
      world.answer(0, 500)
      expect(world.out).toEqual([0])
      expect(world.reasons.at(-1)).toBe('r0: answered 500 on trial')
    }
    world.pass(300_000)
    world.answer(0, 200)
    for (let i = 0; i < 10; i += 1) world.pass(10_000)
    expect(world.replica(0).outlier?.times).toBe(0)
  })

  it('opens again when a trial came to no answer', () => {
    const world = outWorld()
    world.pass(30_000)
    const replica = world.replica(0)
    const record = replica.outlier ?? new OutlierRecord()
    record.phase = 'asked'
    replica.ejectedAt = world.now
    replica.inFlight = 1
    world.pass(1000)
    expect(world.out).toEqual([0])
    replica.inFlight = 0
    world.pass(1000)
    expect(record.phase).toBe('open')
    record.phase = 'asked'
    replica.inFlight = 1
    world.pass(30_000)
    expect(record.phase).toBe('open')
  })
})

describe('whatever is answered, in whatever order', () => {
  const act = fc.oneof(
    { weight: 9, arbitrary: fc.tuple(fc.nat(9), fc.constantFrom(200, 200, 404, 500, 500, 500, 502, 503)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant(-1), fc.nat(40_000)) },
  )

  it('no more than the share are out, never more than half of a version, and who answers well again comes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(1, 1, 1, 2), { minLength: 1, maxLength: 10, size: 'max' }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(act, { maxLength: 400, size: 'max' }),
        (versions, maxEjectedPercent, acts) => {
          const world = new World(versions, { maxEjectedPercent, consecutiveErrors: 3, minRequests: 3 })
          for (const [id, value] of acts) {
            if (id < 0) world.pass(value)
            else if (id < versions.length) world.answer(id, value)
            for (const version of new Set(versions)) {
              const peers = world.replicas.filter((replica) => replica.version === version)
              const out = peers.filter(({ isOutlier: is }) => is)
              expect(out.length).toBeLessThanOrEqual(mostEjected(peers.length, maxEjectedPercent))
            }
          }
          world.pass(10 * 30_000)
          expect(world.out).toEqual([])
          for (const { replicaId } of world.replicas) world.answer(replicaId, 200)
          expect(world.replicas.filter(({ isOutlier: is }) => is)).toEqual([])
        },
      ),
    )
  })
})
