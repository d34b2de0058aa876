import { afterEach, describe, expect, it, vi } from 'vitest'
import { Engine, type EngineOptions, type Reconciler } from '../src/engine.ts'
import type { LeaseKeeper } from '../src/lease.ts'
import { MemoryStore } from './memory-store.ts'

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() }
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const keeper: LeaseKeeper = {
  leaseMs: 10_000,
  hold: (_claim, from) => ({ validUntilMs: () => from + 10_000, release: () => undefined }),
}
const engines: Engine[] = []

function start(store: MemoryStore, reconcilers: Reconciler[], more: Partial<EngineOptions> = {}): Engine {
  const engine = new Engine({
    store,
    keeper,
    clock,
    random: () => 0,
    log: quiet,
    reconcilers,
    backoff: { firstMs: 20, capMs: 100 },
    ...more,
  })
  engines.push(engine)
  engine.start()
  return engine
}

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.drain(1_000)))
})

describe('engine', () => {
  it('claims due rows up to the limit of their kind, and the rest as slots come free', async () => {
    const store = new MemoryStore()
    for (let i = 0; i < 20; i += 1) store.add('thing', `t${i}`)
    let now = 0
    let peak = 0
    start(store, [
      {
        kind: 'thing',
        limit: 4,
        reconcile: async () => {
          now += 1
          peak = Math.max(peak, now)
          await new Promise((resolve) => setTimeout(resolve, 5))
          now -= 1
          return 'done'
        },
      },
    ])
    await vi.waitFor(() => expect(store.settlements).toHaveLength(20))
    expect(peak).toBe(4)
  })

  it('backs off after a throw, counts the failures, and forgets them after a success', async () => {
    const store = new MemoryStore()
    const row = store.add('thing', 't')
    let runs = 0
    start(store, [
      {
        kind: 'thing',
        limit: 1,
        reconcile: async () => {
          runs += 1
          if (runs <= 2) throw new Error('no')
          return 'done'
        },
      },
    ])
    await vi.waitFor(() => expect(runs).toBe(3))
    await vi.waitFor(() => expect(row.failureCount).toBe(0))
    expect(store.settlements.map((each) => each.settlement)).toEqual([
      { type: 'failed', afterMs: 10, reason: 'no' },
      { type: 'failed', afterMs: 20, reason: 'no' },
      { type: 'done' },
    ])
  })

  it('does not lose a wake-up that comes while the row runs', async () => {
    const store = new MemoryStore()
    const row = store.add('thing', 't')
    let runs = 0
    start(store, [
      {
        kind: 'thing',
        limit: 1,
        reconcile: async () => {
          runs += 1
          if (runs === 1) row.dueAtMs = Date.now()
          return 'done'
        },
      },
    ])
    await vi.waitFor(() => expect(runs).toBe(2))
  })

  it('invariant 13: rows that never came to an end run one at a time, and after three times one is set aside with the reason', async () => {
    const store = new MemoryStore()
    store.add('thing', 'killer', { claimCount: 3 })
    for (let i = 0; i < 3; i += 1) store.add('thing', `suspect${i}`, { claimCount: 1 })
    for (let i = 0; i < 5; i += 1) store.add('thing', `innocent${i}`)
    const ran: string[] = []
    let suspectsNow = 0
    let suspectsPeak = 0
    start(store, [
      {
        kind: 'thing',
        limit: 8,
        reconcile: async (uid) => {
          const weight = uid.startsWith('suspect') ? 1 : 0
          suspectsNow += weight
          suspectsPeak = Math.max(suspectsPeak, suspectsNow)
          await new Promise((resolve) => setTimeout(resolve, 5))
          suspectsNow -= weight
          ran.push(uid)
          return 'done'
        },
      },
    ])
    await vi.waitFor(() => expect(ran).toHaveLength(8), { timeout: 3_000 })
    expect(suspectsPeak).toBe(1)
    expect(store.rows.filter((row) => row.setAside !== null).map(({ uid }) => uid)).toEqual(['killer'])
    expect(store.rows[0]?.setAside).toContain('killer')
  })

  it('invariant 2: no effect starts with less lease left than its own deadline', async () => {
    const store = new MemoryStore()
    store.add('thing', 't')
    let effects = 0
    start(store, [
      {
        kind: 'thing',
        limit: 1,
        reconcile: async (_uid, lease) => {
          lease.guard(9_000)
          effects += 1
          lease.guard(11_000)
          effects += 100
          return 'done'
        },
      },
    ])
    await vi.waitFor(() => expect(store.settlements.length).toBeGreaterThan(0))
    expect(effects).toBe(1)
    expect(store.settlements[0]?.settlement).toEqual({ type: 'requeue', afterMs: 1_000 })
  })

  it('drops the result of a run whose row was taken over', async () => {
    const store = new MemoryStore()
    const row = store.add('thing', 't')
    const engine = start(store, [
      {
        kind: 'thing',
        limit: 1,
        reconcile: async () => {
          row.token += 1
          return 'done'
        },
      },
    ])
    await vi.waitFor(() => expect(row.isHeld).toBe(true))
    await vi.waitFor(() => expect(engine.running).toBe(0))
    expect(store.settlements).toHaveLength(0)
  })

  it('degraded storage: keeps trying, says so, counts no claim against the row, and recovers by itself', async () => {
    const store = new MemoryStore()
    const row = store.add('thing', 't')
    const health: unknown[] = []
    start(
      store,
      [
        {
          kind: 'thing',
          limit: 1,
          reconcile: async () => {
            store.isBroken = true
            setTimeout(() => (store.isBroken = false), 400)
            return 'done'
          },
        },
      ],
      { onStoreHealth: (error) => health.push(error) },
    )
    await vi.waitFor(() => expect(store.settlements).toHaveLength(1), { timeout: 3_000 })
    expect(row.claimCount).toBe(0)
    expect(health.some((each) => each instanceof Error)).toBe(true)
    await vi.waitFor(() => expect(health.at(-1)).toBeNull(), { timeout: 3_000 })
  })

  it('a fatal error stops the engine and is reported once', async () => {
    const store = new MemoryStore()
    store.isBroken = true
    const fatal: unknown[] = []
    start(store, [{ kind: 'thing', limit: 1, reconcile: async () => 'done' }], {
      isFatal: () => true,
      onFatal: (error) => fatal.push(error),
    })
    await vi.waitFor(() => expect(fatal).toHaveLength(1))
    const { calls } = store
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(store.calls).toBe(calls)
  })

  it('drains: no new claim, runs in flight come to their end', async () => {
    const store = new MemoryStore()
    store.add('thing', 'a')
    store.add('thing', 'b')
    let isStarted = false
    const engine = start(store, [
      {
        kind: 'thing',
        limit: 1,
        reconcile: async () => {
          isStarted = true
          await new Promise((resolve) => setTimeout(resolve, 50))
          return 'done'
        },
      },
    ])
    await vi.waitFor(() => expect(isStarted).toBe(true))
    expect(await engine.drain(1_000)).toBe(true)
    expect(store.settlements).toHaveLength(1)
  })

  it('sleeps when nothing is due: an idle second costs a handful of calls', async () => {
    const store = new MemoryStore()
    store.add('thing', 't', { dueAtMs: Date.now() + 60_000 })
    start(store, [{ kind: 'thing', limit: 1, reconcile: async () => 'done' }])
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(store.calls).toBeLessThan(8)
  })

  it('invariant 5: a wall clock that jumps makes every due time be looked at anew', async () => {
    const store = new MemoryStore()
    let shiftMs = 0
    const engine = start(store, [{ kind: 'thing', limit: 1, reconcile: async () => 'done' }], {
      clock: { now: () => Date.now() + shiftMs, monotonicMs: () => performance.now() },
    })
    await vi.waitFor(() => expect(store.calls).toBeGreaterThan(2))
    expect(store.spreads).toEqual([2_000])
    shiftMs = -3_600_000
    engine.wake()
    await vi.waitFor(() => expect(store.spreads).toEqual([2_000, 3_000]))
  })
})
