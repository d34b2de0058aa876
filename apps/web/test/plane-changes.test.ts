import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Ejection, GatewayStatus } from '@skykeep/core/routes'
import type { ProcessView } from '@skykeep/core/views'
import { PlaneChanges } from '../src/server/plane-changes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const gateway = { slot: 0, pid: 1, epoch: 'e', appliedVersion: 1, boundPorts: [], blockedPorts: [] }
const running = { pid: 1, port: null, state: 'running', drain: null, startedAtMs: 0, build: '' } as const

it('tells who listens when a replica is taken out or back in, or a gateway finds a fault, and nothing else', async () => {
  let ejected: readonly Ejection[] = []
  let faults: readonly string[] = []
  let news = 0
  const processes = (): readonly ProcessView[] => [
    { ...running, name: 'worker', faults: [] },
    { ...running, name: 'gateway-0', faults },
  ]
  const changes = new PlaneChanges({
    processes: async () => processes(),
    storage: async () => ({ state: 'ok', reason: '', freeBytes: 1, reserveBytes: 0 }),
    recentGateways: async (): Promise<readonly GatewayStatus[]> => [
      { ...gateway, inFlight: {}, ejected, siblings: [] },
    ],
    work: () => [],
  })
  const stop = changes.onChange(() => (news += 1))
  const newsOfTwoLooks = async (): Promise<number> => {
    const before = news
    await vi.advanceTimersByTimeAsync(4000)
    return news - before
  }
  // The first look has nothing to compare with.
  expect(await newsOfTwoLooks()).toBe(1)
  expect(await newsOfTwoLooks()).toBe(0)
  ejected = [{ replicaUid: 'rep_1', reason: 'connect: ECONNREFUSED', sinceMs: 5 }]
  expect(await newsOfTwoLooks()).toBe(1)
  expect(await newsOfTwoLooks()).toBe(0)
  ejected = []
  expect(await newsOfTwoLooks()).toBe(1)
  faults = ['3 lines of the access log were dropped']
  expect(await newsOfTwoLooks()).toBe(1)
  expect(await newsOfTwoLooks()).toBe(0)
  stop()
})
