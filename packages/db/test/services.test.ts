import { getEndpoint, insertEndpoint, listEndpoints } from '@skykeep/db/endpoints'
import { listEvents } from '@skykeep/db/events'
import { insertOperation, listOperations, setOperationPhase } from '@skykeep/db/operations'
import {
  getReplica,
  insertReplica,
  listReplicas,
  setReplicaUnwanted,
  updateReplica,
} from '@skykeep/db/replicas'
import { getServiceVersion, insertServiceVersion, listServiceVersions } from '@skykeep/db/service-versions'
import { getServiceSecrets, hasSecrets, insertServiceSecrets } from '@skykeep/db/service-secrets'
import {
  countServices,
  getService,
  listServices,
  setServiceDesired,
  updateService,
} from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import { forEachDatabase } from '@skykeep/testing/databases'
import { expect, it } from 'vitest'
import { addService, sampleSpec } from './builders.ts'

forEachDatabase('services and what belongs to them', (source) => {
  it('lists by pages with no row left out or twice, filtered by the database', async () => {
    const { database } = await source.create()
    const names = Array.from({ length: 7 }, (_, index) => `s${index}`)
    await database.transaction(async (tx) => {
      for (const name of names) await addService(tx, name)
      await transition(tx, { kind: 'service', uid: 'svc_s3', to: 'READY', reason: 'X' })
    })
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await listServices(database, { limit: 3, ...(cursor === undefined ? {} : { cursor }) })
      expect(page.total).toBe(7)
      seen.push(...page.items.map((service) => service.name))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(seen.toSorted()).toEqual(names)
    expect((await listServices(database, { statuses: ['READY'] })).items.map((one) => one.name)).toEqual([
      's3',
    ])
    expect((await listServices(database, { nameContains: '5', workspace: 'default' })).total).toBe(1)
    expect((await listServices(database, { workspace: 'other' })).total).toBe(0)
    expect(await countServices(database)).toContainEqual({ status: 'READY', count: 1 })
    await expect(listServices(database, { cursor: "' OR 1=1" })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  it('a change of mind is a new generation and due at once; one made on an old version is refused', async () => {
    const { database } = await source.create()
    const before = await database.transaction((tx) => addService(tx, 'one'))
    const change = {
      desiredReplicas: 5,
      rowVersion: before.rowVersion,
      actor: 'usr_a',
      message: '5 replicas.',
    }
    const after = await database.transaction((tx) => setServiceDesired(tx, before.uid, change))
    expect(after).toMatchObject({ desiredReplicas: 5, desiredVersion: 1, generation: 2 })
    const again = database.transaction((tx) => setServiceDesired(tx, before.uid, change))
    await expect(again).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await listEvents(database, { types: ['service.desired'] })).toMatchObject([
      { actor: 'usr_a', payload: { desiredReplicas: 5, generation: 2 } },
    ])
    await database.transaction((tx) =>
      updateService(tx, before.uid, { observedGeneration: 2, targetVersion: 1 }),
    )
    expect((await getService(database, before.uid)).observedGeneration).toBe(2)
    await expect(getService(database, 'svc_none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('replica numbers are given once for ever, from several processes at once', async () => {
    const { url, database } = await source.create()
    const other = await source.open(url)
    const service = await database.transaction((tx) => addService(tx, 'one'))
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? database : other).transaction((tx) =>
          insertReplica(tx, { uid: `rep_${index}`, service, version: 1, infra: 'local' }),
        ),
      ),
    )
    const { items } = await listReplicas(database, { serviceUid: service.uid })
    expect(items.map((replica) => replica.replicaId).toSorted((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ])
    expect((await getService(database, service.uid)).nextReplicaId).toBe(11)
  })

  it('a replica keeps every observed value, exactly', async () => {
    const { database } = await source.create()
    const seen = {
      outcome: 'FAILED_PROBING',
      attempt: 3,
      nodeId: 'local-1',
      jobId: '1',
      host: '127.0.0.1',
      port: 20_001,
      pid: 4_194_303,
      pidStartTime: 9_007_199_254_740_991,
      bootId: 'b',
      exitCode: 137,
      firstReadyAtMs: 1_790_000_000_123,
      probeFailures: 2,
      probeFailureMs: 20_000,
      startingMs: 7,
      drainStartedAtMs: 1_790_000_000_456,
      unroutedAtTable: 12,
    } as const
    await database.transaction(async (tx) => {
      const service = await addService(tx, 'one')
      await insertReplica(tx, { uid: 'rep_1', service, version: 1, infra: 'local' })
      await updateReplica(tx, 'rep_1', seen)
      await updateReplica(tx, 'rep_1', {})
      await setReplicaUnwanted(tx, 'rep_1', 'SCALED_IN')
      await setReplicaUnwanted(tx, 'rep_1', 'LATER')
    })
    expect(await getReplica(database, 'rep_1')).toMatchObject({
      ...seen,
      isWanted: false,
      unwantedReason: 'SCALED_IN',
      status: 'PENDING',
      replicaId: 1,
      rowVersion: 4,
    })
  })

  it('invariant 16: a port belongs to one service for ever, also after it ended', async () => {
    const { url, database } = await source.create()
    const other = await source.open(url)
    const services = await database.transaction(async (tx) => [
      await addService(tx, 'a'),
      await addService(tx, 'b'),
      await addService(tx, 'c'),
    ])
    const host = '127.0.0.1'
    const ports = await Promise.all(
      services.map((service, index) =>
        (index === 1 ? other : database).transaction((tx) => insertEndpoint(tx, { service, host })),
      ),
    )
    expect(ports.map((endpoint) => endpoint.port).toSorted()).toEqual([30_001, 30_002, 30_003])
    await database.transaction((tx) =>
      transition(tx, { kind: 'endpoint', uid: 'svc_a', to: 'RELEASED', reason: 'DOWN' }),
    )
    const tombstone = await getEndpoint(database, 'svc_a')
    expect(tombstone.releasedAtMs).not.toBeNull()
    const next = await database.transaction(async (tx) => {
      await insertEndpoint(tx, { service: { uid: 'svc_b', name: 'b' }, host })
      return insertEndpoint(tx, { service: await addService(tx, 'd'), host })
    })
    expect(next.port).toBe(30_004)
    expect((await listEndpoints(database)).map((endpoint) => endpoint.port)).not.toContain(tombstone.port)
  })

  it('versions keep their spec and their secrets by name', async () => {
    const { database } = await source.create()
    await database.transaction(async (tx) => {
      const { uid: serviceUid } = await addService(tx, 'one')
      for (const version of [1, 2]) {
        const yaml = `# ${version}\n`
        await insertServiceVersion(tx, {
          uid: `ver_${version}`,
          serviceUid,
          version,
          spec: sampleSpec,
          yaml,
          createdBy: 'u',
        })
      }
      await insertServiceSecrets(tx, { serviceUid, version: 2 }, { TOKEN: 'v1.k1.abc', OTHER: 'v1.k1.def' })
    })
    expect((await getServiceVersion(database, 'svc_one', 1)).spec).toEqual(sampleSpec)
    expect((await listServiceVersions(database, 'svc_one')).map((one) => one.version)).toEqual([2, 1])
    expect(await getServiceSecrets(database, 'svc_one', 2)).toEqual({
      OTHER: 'v1.k1.def',
      TOKEN: 'v1.k1.abc',
    })
    expect(await getServiceSecrets(database, 'svc_one', 1)).toEqual({})
    expect(await hasSecrets(database)).toBe(true)
    const twice = database.transaction((tx) =>
      insertServiceVersion(tx, {
        uid: 'ver_x',
        serviceUid: 'svc_one',
        version: 2,
        spec: sampleSpec,
        yaml: '',
        createdBy: 'u',
      }),
    )
    await expect(twice).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  })

  it('the phase of an operation is an event each time it changes', async () => {
    const { database } = await source.create()
    const target = { targetKind: 'service', targetUid: 'svc_x', targetName: 'x' } as const
    await database.transaction(async (tx) => {
      await insertOperation(tx, { uid: 'op_1', workspace: 'w', verb: 'up', ...target, requestedBy: 'usr_a' })
      for (const phase of ['launching 2', 'launching 2', 'waiting for 1'])
        await setOperationPhase(tx, 'op_1', phase)
    })
    const events = await listEvents(database, { uid: 'op_1', types: ['operation.progress'] })
    expect(events.map((event) => event.message)).toEqual(['waiting for 1', 'launching 2'])
    expect(
      (await listOperations(database, { targetUid: 'svc_x', statuses: ['PENDING'] })).items,
    ).toMatchObject([{ uid: 'op_1', phase: 'waiting for 1', requestedBy: 'usr_a' }])
  })
})
