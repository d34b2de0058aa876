import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ActionContext } from '@skykeep/actions/context'
import { getEventChain } from '@skykeep/actions/events/get-event-chain'
import { getStateAt } from '@skykeep/actions/events/get-state-at'
import { listEvents } from '@skykeep/actions/events/list-events'
import type { ListEventsInput } from '@skykeep/actions/events/schemas'
import { downService } from '@skykeep/actions/services/down-service'
import { pauseService } from '@skykeep/actions/services/pause-service'
import { upService } from '@skykeep/actions/services/up-service'
import { updateService } from '@skykeep/actions/services/update-service'
import { causeOfEvent } from '@skykeep/core/event-cause'
import { eventSeverities, eventSeverity } from '@skykeep/core/event-severity'
import type { StateAtView } from '@skykeep/core/event-views'
import { insertScalingDecision } from '@skykeep/db/autoscaling'
import { eventBounds, listEvents as readEvents, pruneEvents } from '@skykeep/db/events'
import { insertReplica, listReplicas } from '@skykeep/db/replicas'
import { getService } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import { createActionWorld, randomIds, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('the timeline', (source) => {
  let world: ActionWorld
  let user: ActionContext
  let serviceUid = ''
  let nowMs = 1_700_000_000_000
  const seen: { readonly atMs: number; readonly services: StateAtView['services'] }[] = []
  const all = (wish: Partial<ListEventsInput> = {}) => listEvents(user, { limit: 200, ...wish })

  /** What is there now, as the rows say, to be compared with what the log says of it later. */
  const look = async (): Promise<void> => {
    const service = await getService(world.services.db, serviceUid)
    const { items } = await listReplicas(world.services.db, { serviceUid })
    const replicas = items.map((row) => ({
      id: row.replicaId,
      version: row.version,
      status: row.status,
      infra: row.infra,
      zone: row.zone,
      isSpot: row.isSpot,
    }))
    const { name, status, desiredVersion } = service
    const version = { desiredVersion, desiredVersionReason: null }
    const shown = { name, status, ...version, replicas: replicas.toSorted((a, b) => a.id - b.id) }
    seen.push({ atMs: nowMs, services: status === 'TERMINATED' ? [] : [shown] })
    nowMs += 1_000
  }
  const change = async (work: Parameters<typeof world.services.db.transaction>[0]): Promise<void> => {
    await world.services.db.transaction(work)
    await look()
  }
  const replica = async (version: number, cause = ''): Promise<string> => {
    const uid = randomIds.uid('rep')
    const service = { uid: serviceUid, name: 'hello' }
    await change((tx) => insertReplica(tx, { uid, service, version, infra: 'local', cause }))
    return uid
  }

  beforeAll(async () => {
    const clock = { now: () => nowMs, monotonicMs: () => nowMs }
    world = await createActionWorld(await source.create({ clock }), { clock })
    user = world.as('user')
    nowMs += 1_000
    serviceUid = (await upService(user, { yaml: serviceYaml() })).serviceUid
    await look()
    const cause = (await all({ kind: 'operation' })).items.at(-1)?.uid ?? ''
    let scaled = 0
    await change(async (tx) => {
      scaled = await insertScalingDecision(tx, {
        decision: {
          uid: 'dec_1',
          serviceUid,
          fromReplicas: 0,
          toReplicas: 2,
          reason: 'LOAD',
          message: '14 requests a second, 5 for each replica',
          terms: { perSecond: 14 },
        },
        serviceName: 'hello',
        cause,
      })
    })
    const first = await replica(1, causeOfEvent(scaled))
    for (const to of ['PROVISIONING', 'STARTING', 'READY'] as const)
      await change((tx) => transition(tx, { kind: 'replica', uid: first, to, reason: 'TEST' }))
    await change((tx) => transition(tx, { kind: 'service', uid: serviceUid, to: 'READY', reason: 'TEST' }))
    await updateService(user, { name: 'hello', yaml: serviceYaml({ run: 'node two.js' }) })
    await look()
    await replica(2)
    for (const to of ['SHUTTING_DOWN', 'TERMINATED'] as const)
      await change((tx) => transition(tx, { kind: 'replica', uid: first, to, reason: 'TEST' }))
    await pauseService(user, { name: 'hello' })
    await change((tx) => transition(tx, { kind: 'service', uid: serviceUid, to: 'FAILED', reason: 'TEST' }))
    await downService(user, { name: 'hello' })
    for (const to of ['SHUTTING_DOWN', 'TERMINATED'] as const)
      await change((tx) => transition(tx, { kind: 'service', uid: serviceUid, to, reason: 'TEST' }))
  })
  afterAll(() => world.close())

  it('tells the state at each moment as it was', async () => {
    for (const { atMs, services } of seen) {
      expect((await getStateAt(user, { atMs })).services, `at ${atMs}`).toEqual(services)
    }
    expect((await getStateAt(user, { atMs: 1_700_000_000_000 })).services).toEqual([])
    await expect(getStateAt(user, { atMs: nowMs + 1 })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('goes from a replica back to why it was made and who asked, and on to what an operation caused', async () => {
    const { items } = await all({ kind: 'replica', type: ['status.changed'] })
    const chain = await getEventChain(user, { seq: items.at(-1)?.seq ?? 0 })
    expect(chain.causes.map(({ event, how }) => [event.type, event.reason, how])).toEqual([
      ['status.changed', 'CREATED', 'cause'],
      ['service.scaled', 'LOAD', 'cause'],
      ['replica.created', 'CREATED', 'same-row'],
    ])
    expect(chain.causes[0]?.event).toMatchObject({ kind: 'operation', actor: user.actor.userUid })
    const scaled = await getEventChain(user, { seq: chain.causes[1]?.event.seq ?? 0 })
    expect(scaled.effects.map(({ type }) => type)).toEqual(['replica.created'])
    const asked = await getEventChain(user, { seq: chain.causes[0]?.event.seq ?? 0 })
    expect(asked.effects.map(({ type }) => type)).toContain('service.scaled')
    await expect(getEventChain(user, { seq: 999_999 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is filtered by person, severity, text, cause and time, each alone and together', async () => {
    const { items: everything } = await all()
    const { uid } = everything.findLast(({ kind }) => kind === 'operation') ?? { uid: '' }
    const [middle] = everything.slice(Math.floor(everything.length / 2))
    const atMs = middle?.atMs ?? 0
    const wishes: readonly [Partial<ListEventsInput>, (event: (typeof everything)[number]) => boolean][] = [
      [{ by: user.actor.name }, ({ actor }) => actor === user.actor.userUid],
      [{ by: 'controller' }, ({ actor }) => actor === 'controller'],
      [{ by: 'nobody at all' }, () => false],
      ...eventSeverities.map(
        (severity) =>
          [{ severity }, (event) => eventSeverity(event) === severity] satisfies (typeof wishes)[number],
      ),
      [{ search: '5 for each' }, ({ message }) => message.includes('5 for each')],
      [{ search: "%_'" }, () => false],
      [{ cause: uid }, ({ cause }) => cause === uid],
      [{ fromMs: atMs }, (event) => event.atMs >= atMs],
      [{ untilMs: atMs, kind: 'replica' }, (event) => event.atMs < atMs && event.kind === 'replica'],
    ]
    for (const [wish, fits] of wishes) {
      const { items } = await all(wish)
      const expected = everything.filter(fits).map(({ seq }) => seq)
      expect(
        items.map(({ seq }) => seq),
        JSON.stringify(wish),
      ).toEqual(expected)
    }
    expect(everything.some((event) => eventSeverity(event) === 'problem')).toBe(true)
  })

  it('refuses a moment below what is kept, with the reason', async () => {
    const { db } = world.services
    const gone = seen[3]?.atMs ?? 0
    const kept = (await readEvents(db, { untilMs: seen[7]?.atMs ?? 0, limit: 1 }))[0]?.seq ?? 0
    await db.transaction(async (tx) => pruneEvents(tx, (await eventBounds(tx)).lastSeq - kept))
    const refused = {
      code: 'CURSOR_TOO_OLD',
      userMessage: expect.stringMatching(/^The history is kept from 20/) as string,
    }
    await expect(getStateAt(user, { atMs: gone })).rejects.toMatchObject(refused)
    for (const { atMs, services } of seen.slice(8)) {
      expect((await getStateAt(user, { atMs })).services, `at ${atMs}`).toEqual(services)
    }
  })
})
