import { setTimeout as pause } from 'node:timers/promises'
import { listEvents } from '@skykeep/db/events'
import { raiseFence } from '@skykeep/db/fence'
import type { Database } from '@skykeep/db/handles'
import { LeaseObserver } from '@skykeep/db/lease-observer'
import {
  breakLeases,
  claimDue,
  dueInMs,
  mayHaveSuspects,
  release,
  renew,
  spreadDue,
  type Claim,
  type ClaimRequest,
} from '@skykeep/db/leases'
import { bringBack, listSetAside, wake } from '@skykeep/db/reconciliations'
import { getService } from '@skykeep/db/services'
import { FakeClock } from '@skykeep/testing/fake-clock'
import { forEachDatabase } from '@skykeep/testing/databases'
import { systemClock } from '@skykeep/testing/system-clock'
import { expect, it } from 'vitest'
import { addService } from './builders.ts'

const leaseMs = 10_000
const hourMs = 3_600_000

forEachDatabase('leases', (source) => {
  async function withServices(
    ...names: string[]
  ): Promise<{ url: string; database: Database; clock: FakeClock }> {
    const clock = new FakeClock()
    const { url, database } = await source.create({ clock })
    await database.transaction(async (tx) => {
      for (const name of names) await addService(tx, name)
    })
    return { url, database, clock }
  }

  function worker(
    database: Database,
    owner: string,
  ): (request?: Partial<ClaimRequest>) => Promise<readonly Claim[]> {
    const observer = new LeaseObserver({ clock: database.clock, leaseMs })
    return (request) =>
      claimDue(database, { kind: 'service', owner, limit: 10, isSuspect: false, observer, ...request })
  }

  function only(claims: readonly Claim[]): Claim {
    expect(claims).toHaveLength(1)
    const [claim] = claims
    if (claim === undefined) throw new Error('no claim')
    return claim
  }

  const end = (
    database: Database,
    claim: Claim,
    requeueAfterMs: number | null,
    isFailed = false,
  ): Promise<void> => database.transaction((tx) => release(tx, claim, { requeueAfterMs, isFailed }))

  it('20 claims at once of one row have one winner', async () => {
    const { url, database } = await withServices('one')
    const handles = [database, await source.open(url, { clock: database.clock })]
    const attempts = Array.from({ length: 20 }, (_, index) => {
      const handle = handles[index % 2] ?? database
      return worker(handle, `w${index}`)()
    })
    expect((await Promise.all(attempts)).flat()).toHaveLength(1)
  })

  it('a claim is counted before it runs and a clean end clears the count', async () => {
    const { database, clock } = await withServices('one')
    const claim = only(await worker(database, 'a')())
    expect((await getService(database, claim.uid)).claimCount).toBe(1)
    await end(database, claim, 5_000, true)
    expect(await getService(database, claim.uid)).toMatchObject({ claimCount: 0, failureCount: 1 })
    expect(await worker(database, 'a')()).toEqual([])
    clock.pass(5_000)
    const again = only(await worker(database, 'a')())
    expect(again).toMatchObject({ failureCount: 1, claimCount: 1 })
    expect(again.token).toBeGreaterThan(claim.token)
    await end(database, again, null)
    expect(await getService(database, claim.uid)).toMatchObject({ failureCount: 0, nextReconcileAtMs: null })
  })

  it('what a run failed with is in sight, cut short, until one comes through', async () => {
    const { database, clock } = await withServices('one')
    const claim = only(await worker(database, 'a')())
    const failureReason = `no such script ${'x'.repeat(600)}`
    await database.transaction((tx) =>
      release(tx, claim, { requeueAfterMs: 1_000, isFailed: true, failureReason }),
    )
    expect((await getService(database, claim.uid)).failureReason).toBe(failureReason.slice(0, 500))
    clock.pass(1_000)
    await end(database, only(await worker(database, 'a')()), null)
    expect((await getService(database, claim.uid)).failureReason).toBeNull()
  })

  it('one look says of each kind when its soonest free row is due', async () => {
    const { database, clock } = await withServices('one', 'two', 'three')
    const kinds = ['service', 'replica'] as const
    expect([...(await dueInMs(database, kinds))]).toEqual([['service', 0]])
    expect(await dueInMs(database, ['replica', 'operation'])).toEqual(new Map())
    expect(await dueInMs(database, [])).toEqual(new Map())
    const claims = await worker(database, 'a')({ isKnownDue: true })
    expect(claims).toHaveLength(3)
    expect(await dueInMs(database, kinds), 'held rows are not free').toEqual(new Map())
    for (const [index, claim] of claims.entries())
      await end(database, claim, [9_000, 4_000, null][index] ?? null)
    expect([...(await dueInMs(database, kinds))]).toEqual([['service', 4_000]])
    clock.pass(6_000)
    expect([...(await dueInMs(database, kinds))]).toEqual([['service', 0]])
  })

  it('one look says whether any kind has a suspect, or a row that another holds', async () => {
    const { database } = await withServices('one')
    const kinds = ['service', 'replica', 'operation'] as const
    expect(await mayHaveSuspects(database, { kinds, owner: 'a' })).toBe(false)
    const claim = only(await worker(database, 'a')())
    expect(await mayHaveSuspects(database, { kinds, owner: 'a' }), 'its own').toBe(false)
    expect(await mayHaveSuspects(database, { kinds, owner: 'b' })).toBe(true)
    expect(await mayHaveSuspects(database, { kinds: ['replica'], owner: 'b' })).toBe(false)
    await database.transaction((tx) => breakLeases(tx, { isDead: () => true, isCharged: true }))
    expect(await mayHaveSuspects(database, { kinds, owner: 'a' }), 'counted and not ended').toBe(true)
    await end(database, only(await worker(database, 'a')({ isSuspect: true })), null)
    expect(await mayHaveSuspects(database, { kinds, owner: 'b' })).toBe(false)
    expect(claim.claimCount).toBe(1)
  })

  it('a wake-up during a run is not lost, whatever the run asks for', async () => {
    const { database } = await withServices('one')
    const claim = only(await worker(database, 'a')())
    await database.transaction((tx) => wake(tx, claim.uid))
    expect(await worker(database, 'b')()).toEqual([])
    await end(database, claim, null)
    expect((await dueInMs(database, ['service'])).get('service')).toBe(0)
    only(await worker(database, 'a')())
  })

  it('invariant 5: a lease whose counter moves is kept, one that stands still is taken over, and its holder is refused', async () => {
    const { database, clock } = await withServices('one')
    const held = only(await worker(database, 'a')())
    const other = worker(database, 'b')
    for (let round = 0; round < 10; round++) {
      clock.pass(leaseMs / 2)
      await database.transaction((tx) => renew(tx, [held]))
      expect(await other({ isSuspect: true })).toEqual([])
    }
    for (let round = 0; round < 4; round++) {
      clock.pass(leaseMs / 5)
      expect(await other({ isSuspect: true })).toEqual([])
    }
    clock.pass(leaseMs / 5)
    const taken = only(await other({ isSuspect: true }))
    expect(taken.claimCount).toBe(2)
    expect(await database.transaction((tx) => renew(tx, [held]))).toEqual([held])
    await expect(end(database, held, null)).rejects.toMatchObject({ code: 'STALE_LEASE' })
  })

  it('invariant 5: an hour in which nobody looked expires nothing', async () => {
    const { database, clock } = await withServices('one')
    only(await worker(database, 'a')())
    const other = worker(database, 'b')
    expect(await other({ isSuspect: true })).toEqual([])
    clock.pass(hourMs)
    expect(await other({ isSuspect: true })).toEqual([])
  })

  it('invariant 5: a wall clock that jumps either way takes no lease', async () => {
    const { database, clock } = await withServices('one')
    const held = only(await worker(database, 'a')())
    const other = worker(database, 'b')
    for (const jump of [hourMs, -2 * hourMs, 24 * hourMs, -48 * hourMs]) {
      for (let round = 0; round < 10; round++) {
        clock.jump(jump)
        expect(await other({ isSuspect: true })).toEqual([])
      }
    }
    expect(await database.transaction((tx) => renew(tx, [held]))).toEqual([])
  })

  it('invariant 5: rows are reconciled promptly after the clock was set back an hour', async () => {
    const { database, clock } = await withServices('one')
    await end(database, only(await worker(database, 'a')()), 30_000)
    expect((await dueInMs(database, ['service'])).get('service')).toBe(30_000)
    clock.jump(-hourMs)
    expect((await dueInMs(database, ['service'])).get('service')).toBe(0)
    await end(database, only(await worker(database, 'a')()), 30_000)
    expect(await worker(database, 'a')()).toEqual([])
    clock.pass(30_000)
    only(await worker(database, 'a')())
  })

  it(
    'invariant 5: a database that was locked for longer than a lease takes none',
    { timeout: 30_000 },
    async () => {
      const { url, database } = await source.create()
      await database.transaction((tx) => addService(tx, 'one'))
      const blocker = await source.open(url)
      const observing = await source.open(url)
      const shortMs = 1_000
      const observer = new LeaseObserver({ clock: systemClock, leaseMs: shortMs })
      const request = { kind: 'service', limit: 1, observer } as const
      const held = only(await claimDue(database, { ...request, owner: 'a', isSuspect: false }))
      const stop = new AbortController()
      const holding = (async () => {
        while (!stop.signal.aborted) {
          expect(await database.transaction((tx) => renew(tx, [held]))).toEqual([])
          await pause(shortMs / 4)
        }
      })()
      const looking = (async () => {
        while (!stop.signal.aborted) {
          expect(await claimDue(observing, { ...request, owner: 'b', isSuspect: true })).toEqual([])
          await pause(shortMs / 10)
        }
      })()
      await blocker.transaction(() => pause(3 * shortMs))
      await pause(shortMs)
      stop.abort()
      await Promise.all([holding, looking])
      expect(await database.transaction((tx) => renew(tx, [held]))).toEqual([])
    },
  )

  it('a holder below the fence is taken over at once', async () => {
    const { url, database } = await withServices('one')
    only(await worker(database, 'a')({ fence: await raiseFence(database) }))
    const other = await source.open(url, { clock: database.clock })
    const fence = await raiseFence(other)
    expect(await worker(other, 'b')({ isSuspect: true, fence })).toMatchObject([
      { uid: 'svc_one', claimCount: 2 },
    ])
  })

  it('rows of a process that is proven dead are free at once; a death that was not their doing is not counted', async () => {
    const { database } = await withServices('one')
    const charged = only(await worker(database, 'a')())
    const isDead = (owner: string): boolean => owner === 'a'
    expect(await database.transaction((tx) => breakLeases(tx, { isDead, isCharged: true }))).toBe(1)
    expect(await worker(database, 'b')()).toEqual([])
    const second = only(await worker(database, 'b')({ isSuspect: true }))
    expect(second).toMatchObject({ uid: charged.uid, claimCount: 2 })
    expect(await database.transaction((tx) => breakLeases(tx, { isDead, isCharged: true }))).toBe(0)
    await end(database, second, 0)
    only(await worker(database, 'a')())
    await database.transaction((tx) => breakLeases(tx, { isDead, isCharged: false }))
    only(await worker(database, 'b')())
  })

  it('invariant 13: a row that kills its worker three times is set aside alone, with the reason', async () => {
    const { database } = await withServices('bad', 'good')
    const isDead = (): boolean => true
    for (let life = 1; life <= 3; life++) {
      const claim = worker(database, `life${life}`)
      const claims = [...(await claim()), ...(await claim({ isSuspect: true, limit: 1 }))]
      expect(claims.map((one) => one.uid)).toContain('svc_bad')
      for (const one of claims) if (one.uid === 'svc_good') await end(database, one, 0)
      await database.transaction((tx) => breakLeases(tx, { isDead, isCharged: true }))
    }
    const last = worker(database, 'last')
    expect(await last({ isSuspect: true })).toEqual([])
    expect(only(await last()).uid).toBe('svc_good')
    const [aside] = await listSetAside(database)
    expect(aside).toMatchObject({
      kind: 'service',
      uid: 'svc_bad',
      reason: expect.stringContaining('3 runs'),
    })
    expect((await getService(database, 'svc_bad')).setAsideReason).toBe(aside?.reason)
    expect(await listEvents(database, { types: ['row.set-aside'] })).toMatchObject([
      { uid: 'svc_bad', serviceName: 'bad' },
    ])
    await database.transaction((tx) => wake(tx, 'svc_bad'))
    expect(await last({ isSuspect: true })).toEqual([])
    await database.transaction((tx) => bringBack(tx, 'svc_bad'))
    expect(only(await last()).uid).toBe('svc_bad')
  })

  it('invariant 14: due times are spread evenly over the window', async () => {
    const { database, clock } = await withServices('a', 'b', 'c', 'd')
    await database.transaction((tx) => spreadDue(tx, ['service'], 4_000))
    const claim = worker(database, 'w')
    for (let round = 0; round < 4; round++) {
      expect(await claim()).toHaveLength(1)
      clock.pass(1_000)
    }
  })
})
