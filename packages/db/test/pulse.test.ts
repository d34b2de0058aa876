import { LeaseObserver } from '@skykeep/db/lease-observer'
import { claimDue, type Claim } from '@skykeep/db/leases'
import { raiseFence } from '@skykeep/db/fence'
import type { Database } from '@skykeep/db/handles'
import { insertPlane, listPlanes } from '@skykeep/db/planes'
import { openPulse } from '@skykeep/db/open-pulse'
import type { Pulse } from '@skykeep/db/pulse'
import { forEachDatabase } from '@skykeep/testing/databases'
import { FakeClock } from '@skykeep/testing/fake-clock'
import { systemClock } from '@skykeep/testing/system-clock'
import { Client } from 'pg'
import { afterEach, expect, it } from 'vitest'
import { addService } from './builders.ts'
import { startProcess } from './process.ts'

const pulses: Pulse[] = []
afterEach(async () => {
  for (const pulse of pulses.splice(0)) await pulse.close()
})

forEachDatabase('the pulse of a worker', (source) => {
  interface Ground {
    readonly url: string
    readonly database: Database
    readonly fence: number
    readonly claim: Claim
    readonly pulse: Pulse
  }

  /** A claimed service, a registered process, and a heartbeat of the plane that holds the fence. */
  async function ground(lockWaitMs?: number): Promise<Ground> {
    const { url, database } = await source.create()
    const fence = await raiseFence(database)
    const observer = new LeaseObserver({ clock: systemClock, leaseMs: 15_000 })
    const claimant = { kind: 'service', owner: 'me', limit: 1, isSuspect: false, observer, fence } as const
    const about = { hostname: 'h', pid: 1, bootId: 'b', program: '0.1.0', fence }
    await database.transaction(async (tx) => {
      await addService(tx, 'one')
      await insertPlane(tx, { uid: 'plane_1', role: 'worker', ...about })
    })
    const [claim] = await claimDue(database, claimant)
    if (claim === undefined) throw new Error('nothing to claim')
    const more = lockWaitMs === undefined ? {} : { lockWaitMs }
    const pulse = await openPulse({ url, clock: new FakeClock(77), fence, ...more })
    pulses.push(pulse)
    return { url, database, fence, claim, pulse }
  }

  const leaseOf = async (database: Database): Promise<{ counter: number; seenAtMs: bigint | null }> => {
    const row = await database.client.reconciliation.findUniqueOrThrow({ where: { uid: 'svc_one' } })
    return { counter: row.leaseCounter, seenAtMs: row.leaseSeenAtMs }
  }

  it('moves the counter of a held lease and of its process, and of nothing else', async () => {
    const { database, claim, pulse } = await ground()
    const before = await leaseOf(database)
    expect(await pulse.renew(claim)).toBe(true)
    expect(await leaseOf(database)).toEqual({ counter: before.counter + 1, seenAtMs: 77n })
    const another = { ...claim, kind: 'replica' } as const
    expect(
      await Promise.all([pulse.renew({ ...claim, token: claim.token + 1 }), pulse.renew(another)]),
    ).toEqual([false, false])
    expect(await leaseOf(database)).toEqual({ counter: before.counter + 1, seenAtMs: 77n })
    expect([await pulse.beatPlane('plane_1'), await pulse.beatPlane('plane_2')]).toEqual([true, false])
    expect(await listPlanes(database)).toMatchObject([{ heartbeatCounter: 1, heartbeatAtMs: 77 }])
  })

  it('a lease that was given back, or whose row is gone, is not held', async () => {
    const { database, claim, pulse } = await ground()
    await database.transaction((tx) => tx.client.reconciliation.updateMany({ data: { leaseOwner: null } }))
    expect(await pulse.renew(claim)).toBe(false)
    expect(await pulse.renew({ ...claim, uid: 'svc_none' })).toBe(false)
  })

  it('a plane that was replaced moves no counter', async () => {
    const { database, claim, pulse } = await ground()
    const before = await leaseOf(database)
    await raiseFence(database)
    await expect(pulse.renew(claim)).rejects.toMatchObject({ code: 'FENCED' })
    await expect(pulse.beatPlane('plane_1')).rejects.toMatchObject({ code: 'FENCED' })
    expect(await leaseOf(database)).toEqual(before)
    expect(await listPlanes(database)).toMatchObject([{ heartbeatCounter: 0 }])
  })

  it('invariant 5: waits while another writes, without holding up its thread, and gives up in the end', async () => {
    const { url, database, claim, pulse, fence } = await ground()
    const holder = startProcess('hold-transaction', [url, '1500'])
    await holder.saw('inside')
    let turns = 0
    const ticking = setInterval(() => (turns += 1), 10)
    const hasty = await openPulse({ url, clock: systemClock, fence, lockWaitMs: 100 })
    pulses.push(hasty)
    await expect(hasty.renew(claim)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await pulse.renew(claim)).toBe(true)
    clearInterval(ticking)
    expect(turns).toBeGreaterThan(20)
    expect(await holder.ended).toBe(0)
    expect(await leaseOf(database)).toMatchObject({ counter: 2 })
  })

  // SQLite has no connection to lose.
  if (source.kind !== 'postgresql') return

  it('a connection that was lost is made again', async () => {
    const { url, claim, pulse } = await ground()
    expect(await pulse.renew(claim)).toBe(true)
    const admin = new Client({ connectionString: url })
    await admin.connect()
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'skykeep pulse'`,
    )
    await admin.end()
    await pulse.renew(claim).catch(() => undefined)
    expect(await pulse.renew(claim)).toBe(true)
  })
})
