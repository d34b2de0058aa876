import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { providerConformance } from '@skykeep/provider-contract/conformance'
import type { Offer } from '@skykeep/provider-contract/provider'
import { SimProvider } from '@skykeep/provider-sim/sim-provider'
import { readSimZones } from '@skykeep/provider-sim/sim-settings'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const jobEnv = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }
const dayMs = 86_400_000
let root = ''
let nowMs = 0
const clock = { now: () => nowMs, monotonicMs: () => nowMs }
const opened = (seed = 'seed') => new SimProvider({ root, jobEnv, clock, seed })

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'skykeep-sim-'))
  nowMs = 1_700_000_000_000
})

async function removeAll(): Promise<void> {
  const provider = opened()
  for (const installation of ['ins_conformance', 'ins_foreign', 'ins_sim']) {
    for (const { nodeId } of await provider.listNodes(installation)) await provider.deleteNode(nodeId)
  }
  await rm(root, { recursive: true, force: true })
}

providerConformance({
  name: 'sim',
  capabilities: ['local-homes', 'preemption', 'shared-host'],
  open: () =>
    Promise.resolve({
      provider: opened(),
      reopen: () => opened(),
      untilRunning: () => {
        nowMs += 20_000
        return Promise.resolve()
      },
      dispose: removeAll,
    }),
})

describe('the simulated cloud', () => {
  let provider: SimProvider
  beforeEach(() => {
    provider = opened()
  })
  afterEach(removeAll)

  function create(attempt: number, offer: Offer) {
    const claim = { uid: 'rep_1', generation: 1, attempt }
    return provider.createNode({
      token: `rep_1.1.${attempt}`,
      tags: { ...claim, installationId: 'ins_sim' },
      offer,
      resources: {},
    })
  }
  async function offerOf(isSpot: boolean): Promise<Offer> {
    const [offer] = await provider.listOffers({ isSpot })
    if (offer === undefined) throw new Error('no offer')
    return offer
  }

  it('is the same for the same seed, and another for another', async () => {
    expect(await opened().listOffers({})).toEqual(await provider.listOffers({}))
    expect(await opened('other').listOffers({})).not.toEqual(await provider.listOffers({}))
  })

  it('sells the cheapest first, spot below on demand, and filters by what is asked for', async () => {
    const prices = (await provider.listOffers({})).map(({ priceUsdPerHour }) => priceUsdPerHour)
    expect(prices).toEqual(prices.toSorted((a, b) => a - b))
    expect((await offerOf(true)).priceUsdPerHour).toBeLessThan((await offerOf(false)).priceUsdPerHour)
    const large = await provider.listOffers({ cpus: 4, region: 'sim-west', isSpot: false })
    expect(large[0]).toMatchObject({ instanceType: 'sim-large', zone: 'sim-west-a' })
    expect(large.every(({ cpus, region }) => cpus >= 4 && region === 'sim-west')).toBe(true)
  })

  it('boots a node in its time, and lets nobody on before', async () => {
    const { nodeId, state } = await create(1, await offerOf(false))
    expect(state).toBe('BOOTING')
    await expect(provider.runner(nodeId)).rejects.toMatchObject({ kind: 'transient' })
    nowMs += 20_000
    expect(await provider.describeNode(nodeId)).toMatchObject({ state: 'RUNNING', host: '127.0.0.1' })
    expect((await (await provider.runner(nodeId)).exec(['true'])).exitCode).toBe(0)
  })

  it('is out of stock in one zone when the stock is gone, also for another process', async () => {
    const offer = await offerOf(false)
    await provider.setStock(offer.id, 1)
    const { nodeId } = await create(1, offer)
    provider = opened()
    await expect(create(2, offer)).rejects.toMatchObject({ kind: 'capacity', scope: 'zone' })
    await create(1, offer)
    await provider.deleteNode(nodeId)
    await create(3, offer)
  })

  it('takes a spot node back in its time, with what runs on it; one on demand stays', async () => {
    const [spot, onDemand] = [await create(1, await offerOf(true)), await create(2, await offerOf(false))]
    nowMs += 30 * dayMs
    expect(await provider.describeNode(spot.nodeId)).toMatchObject({ state: 'PREEMPTED', host: null })
    await expect(provider.runner(spot.nodeId)).rejects.toMatchObject({ kind: 'not-found' })
    expect(await provider.describeNode(onDemand.nodeId)).toMatchObject({ state: 'RUNNING' })
  })

  it('takes a node back on request and ends its processes', async () => {
    const { nodeId } = await create(1, await offerOf(false))
    nowMs += 20_000
    const runner = await provider.runner(nodeId)
    const script =
      'setsid sh -c "echo \\$\\$ > pid; exec sleep 617" </dev/null >/dev/null 2>&1 & while [ ! -s pid ]; do sleep 0.02; done'
    await runner.exec(['sh', '-c', script])
    expect(await provider.preemptNode(nodeId)).toMatchObject({
      state: 'PREEMPTED',
      stateReason: 'on request',
    })
    const left = await runner.exec([
      'sh',
      '-c',
      'grep -qs "^State:[[:space:]]*[RSDTtI]" /proc/$(cat pid)/status',
    ])
    expect(left.exitCode).not.toBe(0)
    expect(await opened().describeNode(nodeId)).toMatchObject({ state: 'PREEMPTED' })
  })

  it('fails as it was told, as often as it was told, and then no more', async () => {
    await provider.failNext({ method: 'createNode', kind: 'quota', scope: 'region', times: 2 })
    const offer = await offerOf(false)
    provider = opened()
    for (let round = 0; round < 2; round += 1) {
      await expect(create(1, offer)).rejects.toMatchObject({
        kind: 'quota',
        scope: 'region',
        isRetryable: false,
      })
    }
    expect(await create(1, offer)).toMatchObject({ state: 'BOOTING' })
  })

  it('makes what it was asked for although its reply is lost', async () => {
    const offer = await offerOf(false)
    await provider.failNext({
      method: 'createNode',
      kind: 'transient',
      scope: 'infra',
      times: 1,
      isReplyLost: true,
    })
    await expect(create(1, offer)).rejects.toMatchObject({ kind: 'transient' })
    expect(await provider.listNodes('ins_sim')).toHaveLength(1)
    await create(1, offer)
    expect(await provider.listNodes('ins_sim')).toHaveLength(1)
  })

  it('gives notice before it takes a node back, where its zones do', async () => {
    const zones = readSimZones({ bootMs: [0, 0], meanSpotLifeMs: 60_000, noticeMs: 60_000_000 })
    provider = new SimProvider({ root, jobEnv, clock, seed: 'seed', zones })
    const { nodeId } = await create(1, await offerOf(true))
    const { endsAtMs = 0, state } = await provider.describeNode(nodeId)
    expect(state).toBe('RUNNING')
    nowMs = endsAtMs
    expect(await provider.describeNode(nodeId)).toMatchObject({ state: 'PREEMPTED' })
    expect(await provider.describeNode(nodeId)).not.toHaveProperty('endsAtMs')
  })

  it.each([{ bootMs: 3 }, { bootMs: [1] }, { stock: -1 }, { meanSpotLifeMs: 'long' }, { colour: 1 }])(
    'refuses the settings %j',
    (settings) => {
      expect(() => readSimZones(settings)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
    },
  )
})
