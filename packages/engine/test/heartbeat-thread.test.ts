import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ThreadLeaseKeeper, createHeartbeatCells, threadMonotonicMs } from '../src/heartbeat-thread.ts'

const leaseMs = 200
const threads: Worker[] = []

async function startKeeper(): Promise<{ keeper: ThreadLeaseKeeper; renewals: Int32Array }> {
  const cells = createHeartbeatCells()
  const renewals = new SharedArrayBuffer(4)
  const thread = new Worker(new URL('./heartbeat-fixture.ts', import.meta.url), {
    workerData: { leaseMs, cells, renewals },
  })
  threads.push(thread)
  await once(thread, 'message')
  return { keeper: new ThreadLeaseKeeper(thread, { leaseMs, cells }), renewals: new Int32Array(renewals) }
}

const claimOf = (uid: string) => ({ kind: 'thing', uid, token: 1, claimCount: 1, failureCount: 0 })

afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()))
})

describe('heartbeat thread', () => {
  it('invariant 13: renews a lease while the thread that reconciles is blocked', async () => {
    const { keeper, renewals } = await startKeeper()
    const lease = keeper.hold(claimOf('t'), threadMonotonicMs())
    const blockedUntil = threadMonotonicMs() + 5 * leaseMs
    while (threadMonotonicMs() < blockedUntil);
    expect(lease.validUntilMs()).toBeGreaterThan(threadMonotonicMs())
    expect(Atomics.load(renewals, 0)).toBeGreaterThanOrEqual(5)
    lease.release()
  })

  it('says at once that a lease was taken over, and renews it no more', async () => {
    const { keeper } = await startKeeper()
    const lease = keeper.hold(claimOf('taken'), threadMonotonicMs())
    await vi.waitFor(() => expect(lease.validUntilMs()).toBe(0))
  })

  it('stops renewing a released lease', async () => {
    const { keeper, renewals } = await startKeeper()
    const lease = keeper.hold(claimOf('t'), threadMonotonicMs())
    await vi.waitFor(() => expect(Atomics.load(renewals, 0)).toBeGreaterThan(0))
    lease.release()
    await new Promise((resolve) => setTimeout(resolve, leaseMs))
    const after = Atomics.load(renewals, 0)
    await new Promise((resolve) => setTimeout(resolve, 2 * leaseMs))
    expect(Atomics.load(renewals, 0)).toBe(after)
    expect(lease.validUntilMs()).toBe(0)
  })
})
