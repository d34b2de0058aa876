import { isSkykeepError } from '@skykeep/core/errors'
import { canTransition, kinds, transitions, type Kind, type StatusOf } from '@skykeep/core/statuses'
import { claimDue, release } from '@skykeep/db/leases'
import { LeaseObserver } from '@skykeep/db/lease-observer'
import { insertEndpoint, getEndpoint } from '@skykeep/db/endpoints'
import { listEvents } from '@skykeep/db/events'
import type { Database, Db, Tx } from '@skykeep/db/handles'
import { getOperation, insertOperation } from '@skykeep/db/operations'
import { getReplica, insertReplica } from '@skykeep/db/replicas'
import { getRollout, insertRollout } from '@skykeep/db/rollouts'
import { defaultUpdatePolicy } from '@skykeep/core/service-spec'
import { findService, getService } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import { forEachDatabase } from '@skykeep/testing/databases'
import { systemClock } from '@skykeep/testing/system-clock'
import { beforeAll, describe, expect, it } from 'vitest'
import { addService } from './builders.ts'

/** A fresh row of each kind in its first status. @returns its uid. */
const rows: { readonly [K in Kind]: (tx: Tx, name: string) => Promise<string> } = {
  service: async (tx, name) => (await addService(tx, name)).uid,
  async replica(tx, name) {
    const service = await addService(tx, name)
    return (await insertReplica(tx, { uid: `rep_${name}`, service, version: 1, infra: 'local' })).uid
  },
  async operation(tx, name) {
    const uid = `op_${name}`
    const target = { targetKind: 'service', targetUid: 'svc_x', targetName: 'x' } as const
    await insertOperation(tx, { uid, workspace: 'default', verb: 'up', ...target, requestedBy: 'usr_test' })
    return uid
  },
  async endpoint(tx, name) {
    const service = await addService(tx, name)
    return (await insertEndpoint(tx, { service, host: '127.0.0.1' })).serviceUid
  },
  async rollout(tx, name) {
    const { uid: serviceUid, name: serviceName } = await addService(tx, name)
    const rollout = await insertRollout(tx, {
      uid: `rol_${name}`,
      serviceUid,
      serviceName,
      operationUid: 'op_x',
      fromVersion: 1,
      toVersion: 2,
      mode: 'rolling',
      settings: defaultUpdatePolicy,
      createdBy: 'usr_test',
    })
    return rollout.uid
  },
}

const statusOf: { readonly [K in Kind]: (db: Db, uid: string) => Promise<StatusOf[K]> } = {
  service: async (db, uid) => (await getService(db, uid)).status,
  replica: async (db, uid) => (await getReplica(db, uid)).status,
  operation: async (db, uid) => (await getOperation(db, uid)).status,
  endpoint: async (db, uid) => (await getEndpoint(db, uid)).status,
  rollout: async (db, uid) => (await getRollout(db, uid)).status,
}

/** A shortest way from the first status to another, or null. */
function wayTo<K extends Kind>(kind: K, to: StatusOf[K]): StatusOf[K][] | null {
  const table: Readonly<Record<StatusOf[K], readonly StatusOf[K][]>> = transitions[kind]
  // The keys of a transition table are the statuses, in the order of the source.
  const [first] = Object.keys(table) as StatusOf[K][]
  const queue: StatusOf[K][][] = first === undefined ? [] : [[first]]
  const seen = new Set(queue.flat())
  for (let way = queue.shift(); way !== undefined; way = queue.shift()) {
    const last = way.at(-1)
    if (last === to) return way.slice(1)
    if (last === undefined) continue
    for (const next of table[last].filter((status) => !seen.has(status))) {
      seen.add(next)
      queue.push([...way, next])
    }
  }
  return null
}

forEachDatabase('transition', (source) => {
  let database: Database
  beforeAll(async () => {
    ;({ database } = await source.create())
  })

  describe.each(kinds)('of a %s', (kind) => {
    it('follows the transition table for every pair, and a refusal writes nothing', async () => {
      expect(await wrongPairs(database, kind)).toEqual([])
    })
  })

  it('writes the status and its event together, or neither', async () => {
    const uid = await database.transaction((tx) => rows.service(tx, 'together'))
    const attempt = database.transaction(async (tx) => {
      await transition(tx, { kind: 'service', uid, to: 'READY', reason: 'REPLICAS_READY' })
      throw new Error('after the change')
    })
    await expect(attempt).rejects.toMatchObject({ code: 'INTERNAL' })
    expect((await getService(database, uid)).status).toBe('REPLICA_INIT')
    expect(await listEvents(database, { uid })).toHaveLength(1)

    const before = await getService(database, uid)
    await database.transaction((tx) =>
      transition(tx, {
        kind: 'service',
        uid,
        to: 'READY',
        reason: 'REPLICAS_READY',
        message: '2 of 2 are ready.',
      }),
    )
    const after = await getService(database, uid)
    expect(after).toMatchObject({
      status: 'READY',
      statusReason: '2 of 2 are ready.',
      rowVersion: before.rowVersion + 1,
    })
    const [event] = await listEvents(database, { uid, limit: 1 })
    expect(event).toMatchObject({
      from: 'REPLICA_INIT',
      to: 'READY',
      reason: 'REPLICAS_READY',
      serviceName: 'together',
    })
  })

  it('refuses a worker whose claim is over', async () => {
    const uid = await database.transaction((tx) => rows.operation(tx, 'stale'))
    const observer = new LeaseObserver({ clock: systemClock, leaseMs: 1000 })
    const claims = await claimDue(database, {
      kind: 'operation',
      owner: 'a',
      limit: 500,
      isSuspect: false,
      observer,
    })
    const lease = claims.find((claim) => claim.uid === uid)
    if (lease === undefined) throw new Error('not claimed')
    const change = { kind: 'operation', uid, to: 'RUNNING', reason: 'STARTED', lease } as const
    await database.transaction((tx) => transition(tx, change))
    await database.transaction((tx) => release(tx, lease, { requeueAfterMs: 0, isFailed: false }))
    const late = database.transaction((tx) => transition(tx, { ...change, to: 'SUCCEEDED' }))
    await expect(late).rejects.toMatchObject({ code: 'STALE_LEASE' })
    expect((await getOperation(database, uid)).status).toBe('RUNNING')
  })

  it('frees the name of a service that ended, and keeps that of a living one', async () => {
    const uid = await database.transaction((tx) => rows.service(tx, 'twice'))
    const again = (): Promise<unknown> =>
      database.transaction(async (tx) => {
        await rows.service(tx, 'twice').catch((error: unknown) => Promise.reject(error))
      })
    await expect(again()).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    expect((await findService(database, 'default', 'twice'))?.uid).toBe(uid)
    await database.transaction(async (tx) => {
      await transition(tx, { kind: 'service', uid, to: 'SHUTTING_DOWN', reason: 'DOWN' })
      await transition(tx, { kind: 'service', uid, to: 'TERMINATED', reason: 'GONE' })
    })
    expect(await findService(database, 'default', 'twice')).toBeNull()
  })
})

/** Tries every pair of statuses. @returns those that went another way than the table says. */
async function wrongPairs<K extends Kind>(database: Database, kind: K): Promise<string[]> {
  const wrong: string[] = []
  // The keys of a transition table are the statuses.
  const statuses = Object.keys(transitions[kind]) as StatusOf[K][]
  for (const from of statuses) {
    const way = wayTo(kind, from)
    if (way === null) continue
    for (const to of statuses) {
      const uid = await database.transaction(async (tx) => {
        const made = await rows[kind](tx, `${kind}-${from}-${to}`.toLowerCase())
        for (const step of way) await transition(tx, { kind, uid: made, to: step, reason: 'WAY' })
        return made
      })
      const change = database.transaction((tx) => transition(tx, { kind, uid, to, reason: 'TRY' }))
      const outcome = await change.then(
        () => 'allowed',
        (error: unknown) => (isSkykeepError(error) ? error.code : String(error)),
      )
      const isAllowed = canTransition(kind, from, to)
      const end = await statusOf[kind](database, uid)
      const isRight =
        outcome === (isAllowed ? 'allowed' : 'ILLEGAL_TRANSITION') && end === (isAllowed ? to : from)
      if (!isRight) wrong.push(`${from} to ${to}: ${outcome}, now ${end}`)
    }
  }
  return wrong
}
