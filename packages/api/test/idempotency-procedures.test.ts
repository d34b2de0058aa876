import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ActionServices } from '@skykeep/actions/context'
import { refusalOf } from '@skykeep/api/rest/idempotency-key'
import { openApi } from '@skykeep/api/rest/openapi'
import { restRoutes } from '@skykeep/api/rest/routes'
import { listOperations } from '@skykeep/db/operations'
import { insertReplica } from '@skykeep/db/replicas'
import { findService, updateService } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import { createActionWorld, randomIds, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { ask, helloYaml, type Sent } from './rest-world.ts'

const mutations = restRoutes.filter(({ kind }) => kind === 'mutation')
const taking = mutations.filter((route) => refusalOf(route) === null).map(({ name }) => name)

it('whoever answers a secret takes no key, and says why', () => {
  const refusing = mutations.filter((route) => refusalOf(route) !== null).map(({ name }) => name)
  expect(refusing).toEqual(
    expect.arrayContaining(['auth.createSignInCode', 'tokens.create', 'serviceKeys.create']),
  )
  const reasons = mutations.map((route) => refusalOf(route) ?? 'it takes one, as most do')
  expect(reasons.filter((reason) => reason.length < 20 || reason.endsWith('.'))).toEqual([])
  expect(restRoutes.filter(({ kind, ...of }) => kind !== 'mutation' && of.noIdempotencyKeyBecause)).toEqual(
    [],
  )
})

it('the document names the header where it is taken, with its answers', () => {
  const operations = Object.values(openApi().paths).flatMap((methods) => Object.values(methods))
  const named = operations.filter(({ parameters }) =>
    parameters.some(({ name }) => name === 'Idempotency-Key'),
  )
  expect(named.map(({ operationId }) => operationId).toSorted()).toEqual(taking.toSorted())
  for (const { responses } of named) {
    const good = responses['200'] ?? responses['204']
    expect(good?.headers).toHaveProperty('Idempotency-Replayed')
    expect(responses).toHaveProperty('422')
  }
})

forEachDatabase('each procedure with a key', (source) => {
  let world: ActionWorld

  beforeAll(async () => {
    world = await createActionWorld(await source.create())
  })
  afterAll(() => world.close())

  const uidOf = async (name: string): Promise<string> =>
    (await findService(world.services.db, 'default', name))?.uid ?? ''
  const lastOperation = async (): Promise<string> =>
    (await listOperations(world.services.db, { limit: 1 })).items[0]?.uid ?? ''
  const post = (line: string, json?: object): Promise<Response> =>
    ask(world, `POST ${line}`, json === undefined ? {} : { json })
  /** A service with a replica that is ready. */
  const serve = async (name: string): Promise<string> => {
    await post('/services', { yaml: helloYaml, name })
    const uid = await uidOf(name)
    await world.services.db.transaction(async (tx) => {
      const replica = randomIds.uid('rep')
      await insertReplica(tx, { uid: replica, service: { uid, name }, version: 1, infra: 'local' })
      for (const to of ['PROVISIONING', 'STARTING', 'READY'] as const)
        await transition(tx, { kind: 'replica', uid: replica, to, reason: 'TEST' })
      await transition(tx, { kind: 'service', uid, to: 'READY', reason: 'TEST' })
      await updateService(tx, uid, { stableVersion: 1 })
    })
    return uid
  }
  const changed = { yaml: helloYaml.replace('http.server', 'http.server -d .') }
  const roll = async (name: string): Promise<void> => {
    await serve(name)
    await post(`/services/${name}/versions`, changed)
  }
  const setAside = (uid: string): Promise<unknown> =>
    world.services.db.transaction((tx) =>
      tx.client.reconciliation.updateMany({
        where: { uid },
        data: { setAsideReason: 'killed its worker', nextReconcileAtMs: null },
      }),
    )

  /** Makes what the request needs; returns it. */
  const requests: Readonly<Record<string, () => Promise<readonly [string, Sent]>>> = {
    'tokens.revoke': async () => {
      await post('/tokens', { name: 'ci' })
      return ['DELETE /tokens/ci', {}]
    },
    'services.up': async () => ['POST /services', { json: { yaml: helloYaml, name: 'new' } }],
    'services.update': async () => {
      await serve('changed')
      return ['POST /services/changed/versions', { json: changed }]
    },
    'services.rollback': async () => {
      await roll('back')
      return ['POST /services/back/rollback', { json: { to: 1 } }]
    },
    'services.holdRollout': async () => {
      await roll('held')
      return ['PUT /services/held/rollout-hold', { json: { isHeld: true } }]
    },
    'services.pause': async () => {
      await serve('paused')
      return ['POST /services/paused/pause', {}]
    },
    'services.resume': async () => {
      await post('/services/paused/pause')
      return ['POST /services/paused/resume', {}]
    },
    'services.setSchedule': async () => {
      await serve('timed')
      const schedule = {
        timeZone: 'UTC',
        offHours: [{ days: ['sat'], from: '00:00', to: '12:00' }],
        replicas: 0,
      }
      return ['PUT /services/timed/schedule', { json: { schedule: { ...schedule, warmUpMinutes: 0 } } }]
    },
    'services.terminateReplica': async () => {
      await serve('shrunk')
      return ['DELETE /services/shrunk/replicas/1', {}]
    },
    'services.revive': async () => {
      await setAside(await serve('revived'))
      return ['POST /services/revived/revive', {}]
    },
    'services.down': async () => {
      await serve('down')
      return ['DELETE /services/down', {}]
    },
    'operations.retry': async () => {
      await serve('retried')
      const uid = await lastOperation()
      await setAside(uid)
      return [`POST /operations/${uid}/retry`, {}]
    },
    'operations.cancel': async () => {
      await post('/services', { yaml: helloYaml, name: 'cancelled' })
      return [`POST /operations/${await lastOperation()}/cancel`, {}]
    },
    'drills.run': async () => {
      await serve('drilled')
      return ['POST /services/drilled/drills', { json: { target: 'worker' } }]
    },
    'system.bringBack': async () => {
      const uid = await serve('aside')
      await setAside(uid)
      return [`POST /system/set-aside/${uid}/retry`, {}]
    },
  }

  it('every procedure that takes a key stands here', () => {
    expect(Object.keys(requests).toSorted()).toEqual(taking.toSorted())
  })

  it.each(Object.entries(requests))(
    '%s keeps its answer in the one transaction of its effect, and gives it again without another',
    async (name, prepare) => {
      const [line, sent] = await prepare()
      let commits = 0
      const { db } = world.services
      const counted: ActionServices['db'] = Object.create(db, {
        transaction: {
          value: async (...args: Parameters<typeof db.transaction>) => {
            const result = await db.transaction(...args)
            commits += 1
            return result
          },
        },
      })
      const keyed = (): Promise<Response> =>
        ask(world, line, {
          ...sent,
          headers: { 'idempotency-key': `key-of-${name}` },
          services: { ...world.services, db: counted },
        })
      const first = await keyed()
      const text = await first.text()
      expect([first.status < 300, commits], text).toEqual([true, 1])
      const again = await keyed()
      expect([again.status, await again.text(), again.headers.get('idempotency-replayed'), commits]).toEqual([
        first.status,
        text,
        'true',
        1,
      ])
      expect(world.plane.launchedDrills.length).toBeLessThan(2)
    },
  )

  it('a drill whose process cannot be started was no effect: the same key tries again', async () => {
    await world.services.db.transaction((tx) => tx.client.drill.updateMany({ data: { status: 'FAILED' } }))
    const drill = (): Promise<Response> =>
      ask(world, 'POST /services/drilled/drills', {
        json: { target: 'worker' },
        headers: { 'idempotency-key': 'k-drill' },
      })
    world.plane.isDrillRefused = true
    expect((await drill()).status).toBe(503)
    world.plane.isDrillRefused = false
    const second = await drill()
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([200, null])
  })

  it.each(
    mutations.filter((route) => refusalOf(route) !== null).map(({ method, path }) => `${method} ${path}`),
  )('%s refuses a key by name before it reads or changes anything', async (line) => {
    const answer = await ask(world, line.replaceAll(/\{\w+\}/g, 'nobody'), {
      headers: { 'idempotency-key': 'k' },
    })
    expect(await answer.json()).toMatchObject({
      status: 400,
      code: 'UNSUPPORTED',
      detail: expect.stringMatching(/^The header Idempotency-Key is not supported here: .{20,}\.$/),
    })
  })
})
