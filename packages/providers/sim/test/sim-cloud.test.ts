import { tokenOf, type NodeDescription, type Offer } from '@skykeep/provider-contract/provider'
import { SimCloud, type SimCall, type SimCloudSettings } from '@skykeep/provider-sim/sim-cloud'
import { doubleStarts, livingNodes } from '@skykeep/provider-sim/sim-world'
import { beforeEach, describe, expect, it } from 'vitest'

const installationId = 'ins_sim'
const jobIdOf = (claim: { uid: string; generation: number; attempt: number }) => `job ${tokenOf(claim)}`
let nowMs = 0
const clock = { now: () => nowMs }
const opened = (more: Partial<SimCloudSettings> = {}) =>
  new SimCloud({ clock, seed: 'seed', jobIdOf, ...more })
const claimOf = (attempt: number) => ({ uid: 'rep_1', generation: 1, attempt })

beforeEach(() => {
  nowMs = 1_700_000_000_000
})

async function offerOf(cloud: SimCloud, isSpot = false): Promise<Offer> {
  const [offer] = await cloud.listOffers({ isSpot })
  if (offer === undefined) throw new Error('the cloud offers nothing')
  return offer
}

async function create(cloud: SimCloud, attempt = 1, offer?: Offer): Promise<NodeDescription> {
  const tags = { ...claimOf(attempt), installationId }
  return cloud.createNode({
    token: tokenOf(tags),
    tags,
    offer: offer ?? (await offerOf(cloud)),
    resources: {},
  })
}

async function start(
  cloud: SimCloud,
  run: string,
  { setup = null, port = 8080 }: { setup?: string | null; port?: number } = {},
) {
  const { nodeId } = await create(cloud)
  nowMs += 20_000
  const runner = await cloud.runner(nodeId)
  const request = { claim: claimOf(1), setup, run, runEnv: { PORT: String(port) } }
  const job = await cloud.runtime.startJob(runner, request)
  const probe = (path = '/', at = port) => cloud.runtime.probe({ host: runner.host, port: at }, { path })
  const describeJob = () => cloud.runtime.describeJob(runner, job.jobId)
  return { nodeId, runner, request, job, probe, describeJob }
}

describe('the cloud of which nothing is real', () => {
  it('offers accelerators, on demand and as spot, by exact wish', async () => {
    const offers = await opened().listOffers({ accelerator: 'L4:1' })
    expect(new Set(offers.map(({ instanceType, isSpot }) => `${instanceType} ${isSpot}`))).toEqual(
      new Set(['sim-l4 true', 'sim-l4 false']),
    )
    expect(await opened().listOffers({ accelerator: 'L4:2' })).toEqual([])
  })

  it('does the same again from the same seed, and goes on from a copy of its world', async () => {
    const first = opened()
    const [one] = [await create(first), await create(first, 2)]
    const copy = opened({ world: structuredClone(first.world) })
    nowMs += 20_000
    expect(await copy.describeNode(one.nodeId)).toEqual(await first.describeNode(one.nodeId))
    await copy.deleteNode(one.nodeId)
    expect(livingNodes(first.world, nowMs)).toHaveLength(2)
    nowMs -= 20_000
    const again = opened()
    await create(again)
    await create(again, 2)
    expect(again.world.nodes).toEqual(first.world.nodes)
  })

  it('creates one node for one token and records every start', async () => {
    const cloud = opened()
    await Promise.all([create(cloud), create(cloud), create(opened({ world: cloud.world }))])
    expect(cloud.world.starts).toMatchObject([{ kind: 'node', token: 'rep_1.1.1', uid: 'rep_1' }])
    expect(doubleStarts(cloud.world)).toEqual([])
    const [node] = await cloud.listNodes(installationId)
    await cloud.deleteNode(node?.nodeId ?? '')
    await create(cloud)
    expect(doubleStarts(cloud.world)).toEqual(['node rep_1.1.1'])
    expect(await cloud.listNodes('ins_foreign')).toEqual([])
  })

  it('lets nobody on before it booted', async () => {
    const cloud = opened()
    const { nodeId, state } = await create(cloud)
    expect(state).toBe('BOOTING')
    await expect(cloud.runner(nodeId)).rejects.toMatchObject({ kind: 'transient' })
    nowMs += 20_000
    const runner = await cloud.runner(nodeId)
    expect(await cloud.describeNode(nodeId)).toMatchObject({ state: 'RUNNING', host: runner.host })
    await expect(cloud.describeNode('sim-99')).rejects.toMatchObject({ kind: 'not-found' })
  })

  it('is out of stock in one zone, until a node there is gone', async () => {
    const cloud = opened()
    const offer = await offerOf(cloud)
    cloud.setStock(offer.id, 1)
    const { nodeId } = await create(cloud, 1, offer)
    await expect(create(cloud, 2, offer)).rejects.toMatchObject({ kind: 'capacity', scope: 'zone' })
    await cloud.deleteNode(nodeId)
    await create(cloud, 2, offer)
  })

  it('a lost reply is a failure of which the effect stays', async () => {
    const cloud = opened()
    const failure = { kind: 'transient', scope: 'infra', times: 1 } as const
    cloud.failNext({ method: 'createNode', ...failure, isReplyLost: true })
    await expect(create(cloud)).rejects.toMatchObject({ kind: 'transient' })
    expect(livingNodes(cloud.world, nowMs)).toHaveLength(1)
    cloud.failNext({ method: 'createNode', ...failure })
    await expect(create(cloud, 2)).rejects.toMatchObject({ kind: 'transient' })
    expect(livingNodes(cloud.world, nowMs)).toHaveLength(1)
    await create(cloud)
    expect(cloud.world.starts).toHaveLength(1)
  })

  it('accidents happen to the same calls for the same seed, in about the share that was asked for', async () => {
    const accidents = { failed: 0.2, replyLost: 0.2 }
    const outcomes = async (cloud: SimCloud) => {
      const kinds: string[] = []
      for (let call = 0; call < 200; call += 1) {
        kinds.push(
          await cloud.listNodes(installationId).then(
            () => 'ok',
            () => 'failed',
          ),
        )
      }
      return kinds
    }
    const first = await outcomes(opened({ accidents }))
    expect(await outcomes(opened({ accidents }))).toEqual(first)
    const failed = first.filter((kind) => kind === 'failed').length
    expect([failed > 40, failed < 120]).toEqual([true, true])
  })

  it('shows what was true up to a consistency window ago, and never older', async () => {
    const windowMs = 10_000
    const cloud = opened({ consistencyWindowMs: windowMs })
    const { nodeId } = await create(cloud)
    const listed = async () => (await cloud.listNodes(installationId)).length
    expect(await listed()).toBe(0)
    await expect(cloud.describeNode(nodeId)).rejects.toMatchObject({ kind: 'not-found' })
    nowMs += windowMs
    for (let look = 0; look < 50; look += 1) expect(await listed()).toBe(1)
    await cloud.deleteNode(nodeId)
    expect(await listed()).toBe(1)
    nowMs += windowMs
    for (let look = 0; look < 50; look += 1) expect(await listed()).toBe(0)
  })

  it('takes spot nodes back in their time and says so before, where the zone gives notice', async () => {
    const zone = {
      region: 'r',
      zone: 'z',
      bootMs: [0, 0],
      meanSpotLifeMs: 60_000,
      noticeMs: 5_000,
      stock: 9,
    } as const
    const cloud = opened({ zones: [zone] })
    const { nodeId } = await create(cloud, 1, await offerOf(cloud, true))
    const onDemand = await create(cloud, 2)
    const endsAtMs = cloud.world.nodes[nodeId]?.preemptedAtMs ?? 0
    nowMs = endsAtMs - 5_001
    expect(await cloud.describeNode(nodeId)).not.toHaveProperty('endsAtMs')
    nowMs = endsAtMs - 5_000
    expect(await cloud.describeNode(nodeId)).toMatchObject({ state: 'RUNNING', endsAtMs })
    nowMs = endsAtMs
    expect(await cloud.describeNode(nodeId)).toMatchObject({ state: 'PREEMPTED', host: null })
    await expect(cloud.runner(nodeId)).rejects.toMatchObject({ kind: 'not-found' })
    expect(livingNodes(cloud.world, nowMs).map((node) => node.nodeId)).toEqual([onDemand.nodeId])
    await cloud.preemptNode(onDemand.nodeId)
    expect(livingNodes(cloud.world, nowMs)).toEqual([])
  })

  it('gives notice on request', async () => {
    const cloud = opened()
    const { nodeId } = await create(cloud)
    nowMs += 20_000
    cloud.giveNotice(nodeId, 2_000)
    expect(await cloud.describeNode(nodeId)).toMatchObject({ state: 'RUNNING', endsAtMs: nowMs + 2_000 })
    nowMs += 2_000
    expect(await cloud.describeNode(nodeId)).toMatchObject({ state: 'PREEMPTED' })
  })

  it('awaits who looks at its calls, before and after each effect', async () => {
    const calls: SimCall[] = []
    const cloud = opened({ onCall: (call) => void calls.push(call) })
    await create(cloud)
    expect(calls.map(({ method, when }) => `${method} ${when}`)).toEqual([
      'listOffers before',
      'listOffers after',
      'createNode before',
      'createNode after',
    ])
  })
})

describe('jobs of which nothing runs', () => {
  it('go through setup, begin to answer, and end, as their text says', async () => {
    const { describeJob, probe } = await start(opened(), 'ready=2000 exit-after=9000 exit=3', {
      setup: 'takes=1000',
    })
    expect(await describeJob()).toMatchObject({ status: 'SETTING_UP', isAlive: true, exitCode: null })
    nowMs += 1_000
    expect(await describeJob()).toMatchObject({ status: 'RUNNING' })
    expect(await probe()).toMatchObject({ isReady: false })
    nowMs += 2_000
    expect(await probe()).toEqual({ isReady: true })
    expect(await probe('/', 1)).toMatchObject({
      isReady: false,
      reason: expect.stringContaining('nothing listens'),
    })
    nowMs += 7_000
    expect(await describeJob()).toMatchObject({ status: 'FAILED', exitCode: 3, isAlive: false })
  })

  it('fail in setup, answer badly or no more, know one path only', async () => {
    const broken = await start(opened(), '', { setup: 'takes=10 exit=4' })
    nowMs += 10
    expect(await broken.describeJob()).toMatchObject({ status: 'FAILED_SETUP', exitCode: 4 })
    const bad = await start(opened(), 'ready=0 status=503')
    expect(await bad.probe()).toEqual({ isReady: false, reason: '/ answered 503' })
    const picky = await start(opened(), 'ready=0 path=/healthy ports=9000 mute-after=1000')
    expect([await picky.probe('/healthy', 9_000), await picky.probe('/')]).toEqual([
      { isReady: true },
      { isReady: false, reason: '/ answered 404' },
    ])
    nowMs += 1_000
    expect(await picky.probe('/healthy')).toMatchObject({ isReady: false })
  })

  it('run once for one claim', async () => {
    const cloud = opened()
    const { runner, request, job } = await start(cloud, '')
    expect((await cloud.runtime.startJob(runner, request)).pid).toBe(job.pid)
    expect(cloud.world.starts.map(({ kind }) => kind)).toEqual(['node', 'job'])
    expect(cloud.runtime.runningJobs()).toHaveLength(1)
  })

  it('end when they are told to, at the latest after the grace', async () => {
    const cloud = opened()
    const { runner, job, describeJob } = await start(cloud, 'stop=60000')
    expect(await cloud.runtime.stopJob(runner, job.jobId, 5_000)).toMatchObject({ isGone: false })
    nowMs += 5_000
    expect(await cloud.runtime.stopJob(runner, job.jobId, 5_000)).toMatchObject({ isGone: true })
    expect(await describeJob()).toMatchObject({ isAlive: false })
    expect(await cloud.runtime.stopJob(runner, 'never was', 0)).toMatchObject({ isGone: true })
    expect(cloud.runtime.runningJobs()).toEqual([])
  })

  it('are lost in a reboot, and do not come back', async () => {
    const cloud = opened()
    const { nodeId, describeJob, probe } = await start(cloud, 'ready=0')
    const before = await cloud.describeNode(nodeId)
    cloud.reboot()
    const after = await cloud.describeNode(nodeId)
    expect([before.hasRebooted, after.hasRebooted, before.bootId === after.bootId]).toEqual([
      false,
      true,
      false,
    ])
    expect(await describeJob()).toMatchObject({ status: 'LOST', hasRebooted: true, isAlive: false })
    expect(await probe()).toMatchObject({ isReady: false })
  })

  it('crash and hang when a test says so', async () => {
    const cloud = opened()
    const { job, describeJob, probe } = await start(cloud, 'ready=0')
    cloud.runtime.answerWith(job.jobId, 0)
    expect(await probe()).toMatchObject({ isReady: false })
    cloud.runtime.answerWith(job.jobId, null)
    expect(await probe()).toEqual({ isReady: true })
    cloud.failNext({ method: 'probe', kind: 'transient', scope: 'infra', times: 1 })
    expect(await probe()).toMatchObject({ isReady: false })
    cloud.runtime.endJob(job.jobId, null)
    expect(await describeJob()).toMatchObject({ status: 'FAILED', exitCode: null })
  })

  it('share a host and its ports where the cloud has one', async () => {
    const cloud = opened({ sharedHost: '127.0.0.1' })
    const { runner } = await start(cloud, '')
    expect([runner.host, cloud.sharedHost?.()]).toEqual(['127.0.0.1', '127.0.0.1'])
    expect(opened().sharedHost).toBeUndefined()
  })
})
