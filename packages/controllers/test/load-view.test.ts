import type { GatewayStatus } from '@skykeep/core/routes'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SeenGateway } from '../src/routes/gateway-view.ts'
import { LoadMemory } from '../src/routes/load-view.ts'

const window = 60
let wallMs: number
let monotonicMs: number
let memory: LoadMemory

beforeEach(() => {
  wallMs = 1_000_000_000
  monotonicMs = 500
  memory = new LoadMemory({ now: () => wallMs, monotonicMs: () => monotonicMs })
})

const nowSecond = (): number => Math.floor(wallMs / 1000)

function pass(ms: number): void {
  wallMs += ms
  monotonicMs += ms
}

function gateway(epoch: string, change: Partial<GatewayStatus> = {}): SeenGateway {
  const status: GatewayStatus = {
    slot: 0,
    pid: 1,
    epoch,
    appliedVersion: 1,
    boundPorts: [],
    blockedPorts: [],
    inFlight: {},
    ejected: [],
    siblings: [],
    countsSinceSecond: 0,
    ...change,
  }
  return { name: `gateway-${epoch}`, state: 'answering', status }
}

async function seen(...gateways: SeenGateway[]): Promise<SeenGateway[]> {
  await memory.during(() => Promise.resolve(gateways))
  for (const { status } of gateways) if (status !== null) memory.noteComplete(status.epoch, nowSecond() - 1)
  return gateways
}

describe('what is known of the load', () => {
  it('adds up over all gateways', async () => {
    const both = await seen(
      gateway('a', { inFlightByService: { svc: 3 }, parked: { svc: 2 } }),
      gateway('b', { inFlightByService: { svc: 4, other: 9 } }),
    )
    expect(memory.loadOf(both, 'svc')).toMatchObject({ isComplete: true, inFlight: 7, parked: 2 })
    expect(memory.loadOf(both, 'none')).toMatchObject({ isComplete: true, inFlight: 0, parked: 0 })
  })

  it('a request that waits is known before the look, until a look that began later', async () => {
    const one = await seen(gateway('a'))
    memory.noteParked('svc')
    expect(memory.loadOf(one, 'svc').parked).toBe(1)
    await expect(memory.during(() => Promise.reject(new Error('no look')))).rejects.toThrow('no look')
    expect(memory.loadOf(one, 'svc').parked).toBe(1)
    await memory.during(() => {
      memory.noteParked('later')
      return Promise.resolve(one)
    })
    expect(memory.loadOf(one, 'svc').parked).toBe(0)
    expect(memory.loadOf(one, 'later').parked).toBe(1)
  })

  it('a look tells once of each service for which a request waits since', async () => {
    const look = (parked: GatewayStatus['parked']): Promise<readonly string[]> =>
      memory.during(() =>
        Promise.resolve([gateway('a'), gateway('b', parked === undefined ? {} : { parked })]),
      )
    expect(await look({ svc: 2 })).toEqual(['svc'])
    expect(await look({ svc: 1, other: 1 })).toEqual(['other'])
    expect(await look(undefined)).toEqual([])
    expect(await look({ svc: 1 })).toEqual(['svc'])
  })
})

describe('invariant 11: counts are complete only', () => {
  const complete = (gateways: readonly SeenGateway[]): boolean => memory.loadOf(gateways, 'svc').isComplete

  it('after a look, with a gateway, and when all answer', async () => {
    expect(complete([gateway('a')])).toBe(false)
    expect(complete(await seen())).toBe(false)
    const [a = gateway('a')] = await seen(gateway('a'))
    expect(complete([a])).toBe(true)
    expect(complete([a, { ...gateway('b'), state: 'silent' }])).toBe(false)
    expect(complete([a, { name: 'gateway-1', state: 'silent', status: null }])).toBe(false)
  })

  it('while the look is fresh, and the last second is delivered', async () => {
    const one = await seen(gateway('a'))
    pass(6_000)
    expect(complete(one)).toBe(false)
    await memory.during(() => Promise.resolve(one))
    expect(complete(one)).toBe(false)
    memory.noteComplete('a', nowSecond() - 3)
    expect(complete(one)).toBe(true)
    expect(memory.loadOf(one, 'svc').windowEndSecond).toBe(nowSecond() - 3)
  })

  it('when no gateway died within the window, told by the gateways or seen from here', async () => {
    expect(complete(await seen(gateway('a', { countsSinceSecond: nowSecond() - window + 1 })))).toBe(false)
    expect(complete(await seen(gateway('a'), gateway('b')))).toBe(true)
    const left = await seen(gateway('a'))
    expect(complete(left)).toBe(false)
    for (let second = 0; second < window; second += 1) {
      pass(1_000)
      await seen(gateway('a'))
    }
    expect(complete(left)).toBe(true)
  })

  it('when the gateway counts by the same clock', async () => {
    const one = await seen(gateway('a'))
    wallMs -= 3_600_000
    expect(complete(one)).toBe(false)
    wallMs += 7_200_000
    expect(complete(one)).toBe(false)
    expect(memory.loadOf(one, 'svc').windowEndSecond).toBeNull()
  })

  it('invariant 11: counts are whole from where the last gateway lost some up to where the slowest has told', async () => {
    const both = await seen(
      gateway('a', { countsSinceSecond: nowSecond() - 40 }),
      gateway('b', { countsSinceSecond: nowSecond() - 90 }),
    )
    memory.noteComplete('a', nowSecond() - 2)
    expect(memory.coverage(both)).toEqual({ fromSecond: nowSecond() - 40, toSecond: nowSecond() - 2 })
    const long = await seen(gateway('a', { countsSinceSecond: 0 }))
    expect(memory.coverage(long)).toEqual({ fromSecond: nowSecond() - 591, toSecond: nowSecond() - 1 })
    expect(memory.coverage([{ name: 'c', state: 'silent', status: null }, ...long])).toBe(null)
    pass(6_000)
    expect(memory.coverage(long)).toBe(null)
  })
})
