import type { SecondCounts, ServiceRoute, UnfinishedRequest } from '@skykeep/core/routes'
import {
  freeAddresses,
  listAddresses,
  releaseAddress,
  reserveAddress,
} from '@skykeep/db/address-reservations'
import { saveInfra, listInfras } from '@skykeep/db/infras'
import { ensureInstallation, getInstallation, setKeyCheck } from '@skykeep/db/installation'
import { beatPlane, deletePlane, insertPlane, listPlanes } from '@skykeep/db/planes'
import { insertRecoveryReport, listRecoveryReports } from '@skykeep/db/recovery-reports'
import { insertReplica, updateReplica } from '@skykeep/db/replicas'
import { countedSeconds, countsCursor, readCounts, recordCounts } from '@skykeep/db/request-counts'
import { loadRouteTable, saveRoutes } from '@skykeep/db/route-state'
import { insertUnfinished, listUnfinished } from '@skykeep/db/unfinished-requests'
import { forEachDatabase } from '@skykeep/testing/databases'
import { expect, it } from 'vitest'
import { addService } from './builders.ts'

const count = (seq: number, second: number, epoch: string): SecondCounts => ({
  seq,
  epoch,
  second,
  serviceUid: 'svc_one',
  started: 3,
  ended: 2,
  failed: 1,
  byClass: [1, 0, 0, 1],
  sumMs: 12.5,
  inFlightPeak: 4,
})

const request = (id: string): UnfinishedRequest => ({
  id,
  serviceUid: 'svc_one',
  serviceName: 'one',
  method: 'POST',
  path: '/x',
  replicaUid: null,
  sinceMs: 1_790_000_000_000,
  kind: 'stream',
})

forEachDatabase('what the worker keeps of the gateway', (source) => {
  it('invariant 9: an address is given again only after every gateway acked a table without it', async () => {
    const { database } = await source.create()
    const range = { host: '127.0.0.1', firstPort: 20_000, lastPort: 20_002 }
    const reserve = (replicaUid: string): Promise<number> =>
      database.transaction(async (tx) => {
        const { port } = await reserveAddress(tx, { replicaUid, ...range })
        await updateReplica(tx, replicaUid, { host: range.host, port })
        return port
      })
    await database.transaction(async (tx) => {
      const service = await addService(tx, 'one')
      for (const index of [1, 2, 3, 4]) {
        await insertReplica(tx, { uid: `rep_${index}`, service, version: 1, infra: 'local' })
      }
    })
    expect([await reserve('rep_1'), await reserve('rep_2'), await reserve('rep_3')]).toEqual([
      20_000, 20_001, 20_002,
    ])
    expect(await reserve('rep_2'), 'asking again changes nothing').toBe(20_001)
    await expect(reserve('rep_4')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await database.transaction((tx) => releaseAddress(tx, 'rep_2', 7))
    expect(await database.transaction((tx) => freeAddresses(tx, 6))).toBe(0)
    await expect(reserve('rep_4')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await database.transaction((tx) => freeAddresses(tx, 7))).toBe(1)
    expect(await reserve('rep_4')).toBe(20_001)
    expect((await listAddresses(database)).map((one) => one.replicaUid)).toEqual(['rep_1', 'rep_4', 'rep_3'])
  })

  it('dstack 11 #8: invariant 11: counts each sequence number once, adds up the processes, and stays a ring', async () => {
    const { database } = await source.create()
    const record = (epoch: string, counts: SecondCounts[], lastSeq: number): Promise<number> =>
      database.transaction((tx) => recordCounts(tx, { epoch, counts, lastSeq }))
    expect(await countsCursor(database, 'e1')).toBe(0)
    expect(await record('e1', [count(1, 100, 'e1'), count(2, 101, 'e1')], 2)).toBe(2)
    expect(await record('e1', [count(1, 100, 'e1'), count(2, 101, 'e1'), count(3, 101, 'e1')], 3)).toBe(3)
    expect(await record('e2', [count(1, 101, 'e2')], 1)).toBe(1)
    const range = { serviceUid: 'svc_one', fromSecond: 0, toSecond: 1_000_000 }
    expect(await readCounts(database, range)).toEqual([
      {
        second: 100,
        serviceUid: 'svc_one',
        started: 3,
        ended: 2,
        failed: 1,
        byClass: [1, 0, 0, 1],
        sumMs: 12,
        inFlightPeak: 4,
        parkedPeak: 0,
        latency: [],
      },
      {
        second: 101,
        serviceUid: 'svc_one',
        started: 9,
        ended: 6,
        failed: 3,
        byClass: [3, 0, 0, 3],
        sumMs: 36,
        inFlightPeak: 8,
        parkedPeak: 0,
        latency: [],
      },
    ])
    await record('e1', [count(4, 100 + countedSeconds, 'e1')], 4)
    expect((await readCounts(database, range)).map((one) => one.second)).toEqual([101, 100 + countedSeconds])
    for (let life = 0; life < 130; life++) await record(`later${life}`, [count(1, 500, `later${life}`)], 1)
    expect(await countsCursor(database, 'later129')).toBe(1)
    expect((await readCounts(database, { ...range, fromSecond: 500, toSecond: 500 }))[0]?.started).toBe(
      128 * 3,
    )
  })

  it('lists what a dead gateway had in flight once, however often it reports it', async () => {
    const { database } = await source.create()
    const report = (...ids: string[]): Promise<readonly UnfinishedRequest[]> =>
      database.transaction((tx) => insertUnfinished(tx, 'e1', ids.map(request)))
    expect(await report('1', '2')).toHaveLength(2)
    expect(await report('1', '2', '3')).toEqual([request('3')])
    expect(await listUnfinished(database, { serviceUid: 'svc_one' })).toHaveLength(3)
    expect(await listUnfinished(database, { epoch: 'e0' })).toEqual([])
    expect((await listUnfinished(database, { limit: 1 }))[0], 'the newest report first').toEqual(request('3'))
  })

  it('the route table gets a new version only when it says something else', async () => {
    const { database } = await source.create()
    const route: ServiceRoute = {
      serviceUid: 'svc_one',
      serviceName: 'one',
      host: '127.0.0.1',
      port: 30_001,
      policy: 'least_load',
      streamTimeoutSeconds: 120,
      replicas: [
        { replicaUid: 'rep_1', replicaId: 1, version: 1, host: '127.0.0.1', port: 20_000, isDraining: false },
      ],
    }
    const save = (routes: ServiceRoute[]): Promise<number> =>
      database.transaction(async (tx) => (await saveRoutes(tx, routes)).version)
    expect(await loadRouteTable(database)).toBeNull()
    expect([await save([route]), await save([{ ...route }]), await save([])]).toEqual([1, 1, 2])
    expect(await save([route])).toBe(3)
    expect((await loadRouteTable(database))?.services).toEqual([route])
  })

  it('reports, planes, infras and the installation come back as they were', async () => {
    const { database } = await source.create()
    const report = {
      uid: 'rpt_1',
      serviceUid: 'svc_one',
      trigger: 'plane started',
      endpointPort: 30_001,
      adoptedReplicas: ['rep_1'],
      resumedLaunches: [],
      resumedTeardowns: ['rep_2'],
      orphans: [],
      targetReplicas: 2,
      targetVersion: 1,
      runningRequests: [request('1')],
      unfinishedRequests: [],
    }
    const plane = {
      uid: 'plane_1',
      role: 'worker',
      hostname: 'h',
      pid: 7,
      bootId: 'b',
      program: '0.1.0',
      fence: 1,
    } as const
    const infra = {
      name: 'local',
      capabilities: { ports: true },
      capacity: { cpus: 2 },
      health: 'HEALTHY',
      healthReason: '',
    } as const
    const { uid } = await getInstallation(database)
    expect((await ensureInstallation(database, 'ins_other')).uid).toBe(uid)
    await database.transaction(async (tx) => {
      await insertRecoveryReport(tx, { report, serviceName: 'one', message: 'Back.' })
      await insertPlane(tx, plane)
      expect(await beatPlane(tx, 'plane_1')).toBe(true)
      expect(await beatPlane(tx, 'plane_2')).toBe(false)
      await saveInfra(tx, infra)
      await saveInfra(tx, { ...infra, capacity: { cpus: 4 } })
      await setKeyCheck(tx, 'check')
    })
    expect(await listRecoveryReports(database, 'svc_one')).toMatchObject([report])
    expect(await listPlanes(database)).toMatchObject([{ ...plane, heartbeatCounter: 1 }])
    expect(await listInfras(database)).toMatchObject([{ ...infra, capacity: { cpus: 4 } }])
    expect(await getInstallation(database)).toMatchObject({ uid, epoch: 1, keyCheck: 'check' })
    await database.transaction((tx) => deletePlane(tx, 'plane_1'))
    expect(await listPlanes(database)).toEqual([])
  })
})
