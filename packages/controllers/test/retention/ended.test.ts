import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { freeAddresses, releaseAddress, reserveAddress } from '@skykeep/db/address-reservations'
import { insertScalingDecision } from '@skykeep/db/autoscaling'
import { findEndpoint, firstFreePort } from '@skykeep/db/endpoints'
import { listEvents } from '@skykeep/db/events'
import { listReplicas } from '@skykeep/db/replicas'
import { insertRollout } from '@skykeep/db/rollouts'
import { listServiceVersions } from '@skykeep/db/service-versions'
import { getService, setServiceDesired, updateService } from '@skykeep/db/services'
import { saveSpotLocation } from '@skykeep/db/spot-locations'
import { transition } from '@skykeep/db/transition'
import { defaultUpdatePolicy } from '@skykeep/core/service-spec'
import { ProviderError } from '@skykeep/provider-contract/errors'
import { LocalProvider } from '@skykeep/provider-local/local-provider'
import { forEachDatabase } from '@skykeep/testing/databases'
import { dayMs, hourMs, RetentionWorld, rowsOf } from './retention-world.ts'

let world: RetentionWorld | undefined
afterEach(() => world?.destroy())

/** An infra that cannot be asked. */
class SilentProvider extends LocalProvider {
  override async listNodes(): Promise<never> {
    throw new ProviderError('transient', 'no answer')
  }
}

async function numbersOf(of: RetentionWorld, serviceUid: string): Promise<readonly number[]> {
  const { items } = await listReplicas(of.database, { serviceUid, isHistoryIncluded: true, limit: 500 })
  return items.map(({ replicaId }) => replicaId).toSorted((a, b) => a - b)
}

async function versionsOf(of: RetentionWorld, serviceUid: string): Promise<readonly number[]> {
  return (await listServiceVersions(of.database, serviceUid))
    .map(({ version }) => version)
    .toSorted((a, b) => a - b)
}

forEachDatabase('retention of what ended', (source) => {
  it('replicas that ended: the newest of a service stay, with their logs; numbers are never given again', async () => {
    world = await RetentionWorld.create(source)
    const { database, layout, clock } = world
    const service = await world.service('hello')
    await world.endedReplicas(service, 9)
    const living = await world.replica(service)
    const reconciliations = await rowsOf(database, 'reconciliation')
    clock.pass(2 * dayMs)
    const retention = world.retention({ endedReplicas: 4 })
    await world.pass(retention)
    expect(await numbersOf(world, service.uid), 'one listing proves nothing').toHaveLength(10)
    await world.pass(retention)
    expect(await numbersOf(world, service.uid)).toEqual([6, 7, 8, 9, living.replicaId])
    expect(world.names(layout.serviceLogsDir(service.uid))).toEqual(['6', '7', '8', '9'])
    expect(await rowsOf(database, 'reconciliation')).toBe(reconciliations - 5)
    expect((await world.replica(service)).replicaId).toBe(11)
    expect((await listEvents(database, { types: ['history.pruned'] }))[0]?.payload).toEqual({ replicas: 5 })
  })

  it('invariant 3: a tombstone stays for a day, while its infra is silent or shows a node of it, and while an address is its own', async () => {
    world = await RetentionWorld.create(source)
    const { clock, local, layout } = world
    const service = await world.service('hello')
    const [first, second, third] = await world.endedReplicas(service, 9)
    if (first === undefined || second === undefined || third === undefined) throw new Error('no replicas')
    const young = world.retention({ endedReplicas: 4 })
    for (let hour = 0; hour < 20; hour += 1) await world.pass(young)
    expect(await numbersOf(world, service.uid)).toHaveLength(9)

    clock.pass(dayMs)
    const silent = new SilentProvider({ root: layout.localDir, jobEnv: {}, clock })
    for (const providers of [[silent], []]) {
      const retention = world.retention({ endedReplicas: 4 }, providers)
      for (let round = 0; round < 3; round += 1) await world.pass(retention)
      expect(await numbersOf(world, service.uid)).toHaveLength(9)
    }

    const [offer] = await local.listOffers({})
    if (offer === undefined) throw new Error('no offer')
    const tags = { uid: first.uid, generation: 1, attempt: 1, installationId: world.installationId }
    const late = await local.createNode({ token: `${first.uid}.1.1`, tags, offer, resources: {} })
    const range = { host: '127.0.0.1', firstPort: 20_000, lastPort: 20_009 }
    await world.write((tx) => reserveAddress(tx, { replicaUid: second.uid, ...range }))
    const retention = world.retention({ endedReplicas: 4 })
    for (let round = 0; round < 3; round += 1) await world.pass(retention)
    expect(await numbersOf(world, service.uid)).toEqual([first.replicaId, second.replicaId, 6, 7, 8, 9])

    await local.deleteNode(late.nodeId)
    await world.write(async (tx) => {
      await releaseAddress(tx, second.uid, 1)
      await freeAddresses(tx, 1)
    })
    await world.pass(retention)
    expect(await numbersOf(world, service.uid), 'seen a moment ago').toEqual([first.replicaId, 6, 7, 8, 9])
    await world.pass(retention)
    expect(await numbersOf(world, service.uid)).toEqual([6, 7, 8, 9])
  })

  it('skypilot 3.5 #7: versions: what anything names stays, with the version that its task is from; row, secrets, then folder', async () => {
    world = await RetentionWorld.create(source)
    const { database, layout } = world
    const service = await world.service('hello')
    const { uid } = service
    // 14's task is that of 4.
    for (let version = 2; version <= 15; version += 1)
      await world.version(service, version, version === 14 ? 4 : version)
    await world.replica(service, 3)
    const ended = await world.replica(service, 2)
    await world.write(async (tx) => {
      await transition(tx, { kind: 'replica', uid: ended.uid, to: 'TERMINATED', reason: 'REMOVED' })
      await setServiceDesired(tx, uid, { desiredVersion: 15 })
      await updateService(tx, uid, { targetVersion: 6, stableVersion: 7, latestEverReadyVersion: 8 })
      const rollout = {
        serviceUid: uid,
        serviceName: 'hello',
        operationUid: '',
        mode: 'rolling',
        createdBy: 'u',
      } as const
      const settings = { ...defaultUpdatePolicy }
      await insertRollout(tx, { ...rollout, uid: 'rol_a', fromVersion: 9, toVersion: 10, settings })
      await insertRollout(tx, { ...rollout, uid: 'rol_b', fromVersion: 11, toVersion: 12, settings })
      await transition(tx, { kind: 'rollout', uid: 'rol_b', to: 'SUPERSEDED', reason: 'NEWER' })
    })
    await world.pass(world.retention({ versions: 3 }))
    const kept = [3, 4, 6, 7, 8, 9, 10, 13, 14, 15]
    expect(await versionsOf(world, uid)).toEqual(kept)
    expect(world.names(layout.serviceVersionsDir(uid))).toEqual(kept.map(String))
    expect(await rowsOf(database, 'serviceSecret')).toBe(kept.length)
    expect(world.names(layout.tmpDir)).toEqual([])
    expect((await listEvents(database, { types: ['history.pruned'] }))[0]?.payload).toEqual({ versions: 5 })
  })

  it('a pass that was killed between a version’s row and its folder is finished by the next', async () => {
    world = await RetentionWorld.create(source)
    const { layout } = world
    const service = await world.service('hello')
    const folderOf = (version: number): string => layout.versionDir(service.uid, version)
    const intend = (version: number): void =>
      writeFileSync(join(layout.tmpDir, `prune-${service.uid}-${version}.json`), '{}')
    // Its row is gone.
    mkdirSync(join(folderOf(7), 'workdir'), { recursive: true })
    intend(7)
    // Its row is still there: killed before the transaction, or somebody asked for it again.
    intend(1)
    // Nobody intended this one, such as a version whose `up` is under way.
    mkdirSync(folderOf(8), { recursive: true })
    await world.pass(world.retention())
    expect(world.names(layout.serviceVersionsDir(service.uid))).toEqual(['1', '8'])
    expect(world.names(layout.tmpDir)).toEqual([])
  })

  it('invariant 16: of a service that ended long ago only its row and the tombstone of its port stay', async () => {
    world = await RetentionWorld.create(source)
    const { database, layout, clock } = world
    const [old, other, recent] = [
      await world.service('old'),
      await world.service('other'),
      await world.service('recent'),
    ]
    const living = await world.service('living')
    await world.endedReplicas(old, 3)
    await world.write(async (tx) => {
      const { uid: serviceUid } = old
      const place = { infra: 'sim', region: 'r', zone: 'z', status: 'PREEMPTED' } as const
      await saveSpotLocation(tx, serviceUid, place)
      const decision = {
        uid: 'dec_a',
        serviceUid,
        fromReplicas: 1,
        toReplicas: 2,
        reason: 'LOAD',
        message: '',
        terms: {},
      }
      await insertScalingDecision(tx, { decision, serviceName: 'old' })
    })
    clock.pass(1_000)
    await world.end(old)
    await world.end(other)
    clock.pass(50 * dayMs)
    await world.end(recent)
    clock.pass(50 * dayMs)
    const retention = world.retention({ endedServices: 1, endedServiceDays: 90 })
    for (let round = 0; round < 3; round += 1) await world.pass(retention)
    expect(await versionsOf(world, old.uid)).toEqual([])
    expect(await versionsOf(world, other.uid)).toEqual([])
    expect(await versionsOf(world, recent.uid), 'ended 50 days ago').toEqual([1])
    expect(await versionsOf(world, living.uid)).toEqual([1])
    expect(await numbersOf(world, old.uid)).toEqual([])
    expect(await rowsOf(database, 'spotLocation')).toBe(0)
    expect(world.names(layout.versionsDir)).toEqual([recent.uid, living.uid].toSorted())
    expect(world.names(layout.serviceLogsRootDir)).toEqual([])
    expect((await getService(database, old.uid)).status).toBe('TERMINATED')
    expect(await findEndpoint(database, old.uid)).toMatchObject({ port: 30_001, status: 'RELEASED' })
    expect(await firstFreePort(database), 'its port is not given again').toBe(30_005)
    expect((await listEvents(database, { types: ['history.pruned'], limit: 1 }))[0]?.payload).toMatchObject({
      services: 1,
    })
  })

  it('the newest services that ended keep their history, however long ago', async () => {
    world = await RetentionWorld.create(source)
    const { clock } = world
    const ended = []
    for (const name of ['a', 'b', 'c']) {
      clock.pass(hourMs)
      const service = await world.service(name)
      await world.end(service)
      ended.push(service)
    }
    clock.pass(400 * dayMs)
    const retention = world.retention({ endedServices: 2 })
    await world.pass(retention)
    const left = await Promise.all(
      ended.map(({ uid }) => (world === undefined ? [] : versionsOf(world, uid))),
    )
    expect(left).toEqual([[], [1], [1]])
  })

  it('services whose infra is not registered any more do not keep the others from going', async () => {
    world = await RetentionWorld.create(source)
    const { clock, layout } = world
    const stuck = []
    for (let made = 0; made < 11; made += 1) {
      const service = await world.service(`stuck-${made}`)
      await world.endedReplicas(service, 1)
      await world.end(service)
      stuck.push(service)
      clock.pass(1_000)
    }
    const free = await world.service('free')
    await world.end(free)
    clock.pass(400 * dayMs)
    const retention = world.retention({ endedServices: 0 }, [])
    for (let round = 0; round < 3; round += 1) await world.pass(retention)
    expect(await versionsOf(world, free.uid)).toEqual([])
    expect(world.names(layout.versionsDir)).toEqual(stuck.map(({ uid }) => uid).toSorted())
  })
})
