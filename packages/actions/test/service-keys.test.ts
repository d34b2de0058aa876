import { afterAll, beforeAll, expect, it } from 'vitest'
import { createServiceKey } from '@skykeep/actions/service-keys/create-service-key'
import { listServiceKeys } from '@skykeep/actions/service-keys/list-service-keys'
import { revokeServiceKey } from '@skykeep/actions/service-keys/revoke-service-key'
import { upService } from '@skykeep/actions/services/up-service'
import { listEvents } from '@skykeep/db/events'
import { saveRoutes } from '@skykeep/db/route-state'
import { insertServiceKey, listKeyRoutes } from '@skykeep/db/service-keys'
import { findService } from '@skykeep/db/services'
import { hashToken } from '@skykeep/secrets/token-hash'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'

const yaml = (name: string, access = ''): string => `name: ${name}
resources:
  infra: local
service:
  readiness_probe: /
  replicas: 0
${access}run: python3 -m http.server $PORT
`

forEachDatabase('keys of a service', (source) => {
  let world: ActionWorld

  beforeAll(async () => {
    world = await createActionWorld(await source.create())
    await upService(world.as('admin'), { yaml: yaml('hello') })
    await upService(world.as('admin'), { yaml: yaml('other') })
  })
  afterAll(() => world.close())

  const uidOf = async (name: string): Promise<string> =>
    (await findService(world.services.db, 'default', name))?.uid ?? ''
  const routesOf = async (name: string) => (await listKeyRoutes(world.services.db)).get(await uidOf(name))

  it('are shown once, kept as a hash, and no event, list or answer has the key or the hash', async () => {
    const user = world.as('user')
    const { key, isKeyRequired } = await createServiceKey(user, { service: 'hello', name: 'app' })
    expect(key).toMatch(/^sk_hello_[\w-]{43}$/)
    expect(isKeyRequired).toBe(false)
    expect(await routesOf('hello')).toEqual([{ name: 'app', hash: hashToken(key) }])
    expect(await routesOf('other')).toBe(undefined)
    await revokeServiceKey(user, { service: 'hello', name: 'app' })
    expect(await routesOf('hello')).toBe(undefined)
    const listed = await listServiceKeys(world.as('viewer'), { service: 'hello' })
    const createdBy = user.actor.name
    const mine = { name: 'app', ending: key.slice(-4), createdBy, expiresAtMs: null }
    expect(listed).toMatchObject([{ ...mine, revokedAtMs: expect.any(Number) }])
    const items = await listEvents(world.services.db, { limit: 200 })
    const types = items.map(({ type }) => type)
    expect(types).toEqual(expect.arrayContaining(['service-key.created', 'service-key.revoked']))
    const said = JSON.stringify([items, listed])
    expect(said).not.toContain(key)
    expect(said).not.toContain(hashToken(key))
  })

  it('have one living key a name, and may take the name of one that holds no longer', async () => {
    const user = world.as('user')
    const wish = { service: 'hello', name: 'ci' }
    await createServiceKey(user, wish)
    await expect(createServiceKey(user, wish)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await createServiceKey(user, { ...wish, service: 'other' })
    await revokeServiceKey(user, wish)
    await createServiceKey(user, wish)
    expect(await routesOf('hello')).toHaveLength(1)
    await expect(revokeServiceKey(user, { service: 'hello', name: 'none' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: expect.stringContaining('skykeep key list hello'),
    })
  })

  it('are forgotten 30 days after their end, when another one is made', async () => {
    const { db, fence, clock } = world.services
    const serviceUid = await uidOf('other')
    const makeEnded = (name: string, daysAgo: number): Promise<void> =>
      db.transaction(
        (tx) =>
          insertServiceKey(tx, {
            uid: `key_${name}`,
            serviceUid,
            name,
            keyHash: hashToken(name),
            ending: '',
            createdBy: 'usr_test',
            expiresAtMs: clock.now() - daysAgo * 86_400_000,
          }),
        { fence },
      )
    await makeEnded('old', 31)
    await makeEnded('late', 29)
    await createServiceKey(world.as('user'), { service: 'other', name: 'new' })
    const listed = await listServiceKeys(world.as('viewer'), { service: 'other' })
    const names = listed.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['late', 'new']))
    expect(names).not.toContain('old')
  })

  it('are made and ended by those who may change a service', async () => {
    const wish = { service: 'hello', name: 'viewers' }
    await expect(createServiceKey(world.as('viewer'), wish)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(revokeServiceKey(world.as('viewer'), wish)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('end only once every gateway process that lives has acked a table without them', async () => {
    const user = world.as('user')
    const wish = { service: 'hello', name: 'acked' }
    const { key } = await createServiceKey(user, wish)
    const { db, fence } = world.services
    const route = {
      serviceUid: await uidOf('hello'),
      serviceName: 'hello',
      host: '127.0.0.1',
      port: 1,
      policy: 'least_load' as const,
      streamTimeoutSeconds: 120,
      replicas: [],
    }
    const routed = (keys: readonly { name: string; hash: string }[]) =>
      db.transaction((tx) => saveRoutes(tx, [{ ...route, access: { keys } }]), { fence })
    const { version } = await routed([{ name: 'acked', hash: hashToken(key) }])
    const applied = { 101: version, 102: version }
    const gateways = Object.keys(applied).map(Number)
    const processes = gateways.map((pid, at) => ({
      name: `gateway-${at}`,
      pid,
      port: null,
      state: 'running' as const,
      startedAtMs: 0,
      build: '',
      drain: null,
      faults: [],
    }))
    // Only what is asked for is there.
    const statuses = async () => [101, 102].map((pid) => ({ pid, appliedVersion: Reflect.get(applied, pid) }))
    const plane = { ...user.plane, processes: async () => processes, gateways: statuses as never }
    let isOver = false
    const revoking = revokeServiceKey({ ...user, plane }, wish).finally(() => (isOver = true))
    await routed([])
    applied[101] = version + 1
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(isOver).toBe(false)
    applied[102] = version + 1
    await revoking
    expect(isOver).toBe(true)
  })
})
