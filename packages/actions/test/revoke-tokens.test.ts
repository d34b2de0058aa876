import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listTokenRevocations } from '@skykeep/actions/service-keys/list-token-revocations'
import { revokeTokens } from '@skykeep/actions/service-keys/revoke-tokens'
import { upService } from '@skykeep/actions/services/up-service'
import { listEvents } from '@skykeep/db/events'
import { saveRoutes } from '@skykeep/db/route-state'
import { findService } from '@skykeep/db/services'
import { listRevocationRoutes, saveTokenRevocation } from '@skykeep/db/token-revocations'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { systemClock } from '@skykeep/testing/system-clock'

const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })

const yaml = (name: string, access: string): string => `name: ${name}
resources:
  infra: local
service:
  readiness_probe: /
  replicas: 0
  load_balancer:
    access: ${access}
run: python3 -m http.server $PORT
`
const tokens = (lifetime: number): string =>
  `{tokens: {max_lifetime_seconds: ${lifetime}, public_keys: [{jwk: {kty: OKP, crv: Ed25519, x: ${x}}}]}}`

forEachDatabase('revoked tokens of a service', (source) => {
  let world: ActionWorld
  let now = systemClock.now()
  const clock = { now: () => now, monotonicMs: () => systemClock.monotonicMs() }

  beforeAll(async () => {
    world = await createActionWorld(await source.create({ clock }), { clock })
    await upService(world.as('admin'), { yaml: yaml('hello', tokens(3600)) })
    await upService(world.as('admin'), { yaml: yaml('open', '{requests_per_second: 5}') })
    await upService(world.as('admin'), { yaml: yaml('many', tokens(60)) })
  })
  afterAll(() => world.close())

  const uidOf = async (name: string): Promise<string> =>
    (await findService(world.services.db, 'default', name))?.uid ?? ''
  const routesOf = async (name: string) =>
    (await listRevocationRoutes(world.services.db)).get(await uidOf(name))

  it('are written down for the gateways, listed, and told as an event', async () => {
    const user = world.as('user')
    const firstAt = now
    const revoked = await revokeTokens(user, { service: 'hello', kind: 'subject', value: 'ann' })
    expect(revoked).toMatchObject({ service: 'hello', kind: 'subject', value: 'ann', areTokensTaken: true })
    now += 1000
    await revokeTokens(user, { service: 'hello', kind: 'token', value: 'j1' })
    expect(await routesOf('hello')).toEqual([
      { kind: 'subject', value: 'ann', atMs: firstAt },
      { kind: 'token', value: 'j1', atMs: now },
    ])
    expect(await routesOf('open')).toBe(undefined)
    const listed = await listTokenRevocations(world.as('viewer'), { service: 'hello' })
    const revokedBy = user.actor.name
    expect(listed).toMatchObject([
      { kind: 'token', value: 'j1', revokedBy },
      { kind: 'subject', value: 'ann', revokedBy },
    ])
    const events = await listEvents(world.services.db, { limit: 200 })
    const said = events.filter(({ type }) => type === 'service-token.revoked').map(({ message }) => message)
    expect(said.toSorted()).toEqual([
      `${revokedBy} revoked the signed token j1 of hello.`,
      `${revokedBy} revoked the signed tokens of ann of hello.`,
    ])
  })

  it('of a subject again hold for what was issued since, and stand there once', async () => {
    now += 5000
    await revokeTokens(world.as('admin'), { service: 'hello', kind: 'subject', value: 'ann' })
    const ofAnn = (await routesOf('hello'))?.filter(({ value }) => value === 'ann')
    expect(ofAnn).toEqual([{ kind: 'subject', value: 'ann', atMs: now }])
  })

  it('may be of a service that takes none, which is said', async () => {
    const revoked = await revokeTokens(world.as('user'), { service: 'open', kind: 'token', value: 'j1' })
    expect(revoked.areTokensTaken).toBe(false)
  })

  it('are at most 1,000 that may hold still', async () => {
    const { db, fence } = world.services
    const serviceUid = await uidOf('many')
    await db.transaction(
      async (tx) => {
        for (let at = 0; at < 1000; at += 1) {
          const revokedBy = 'usr_test'
          await saveTokenRevocation(tx, {
            uid: `rev_${at}`,
            serviceUid,
            kind: 'token',
            value: `${at}`,
            revokedBy,
          })
        }
      },
      { fence },
    )
    const wish = { service: 'many', kind: 'token', value: 'more' } as const
    await expect(revokeTokens(world.as('user'), wish)).rejects.toMatchObject({
      code: 'CONFLICT',
      hint: expect.stringContaining('public key'),
    })
    now += 121_000
    expect(await revokeTokens(world.as('user'), wish)).toMatchObject({ value: 'more' })
  })

  it('are forgotten after a year, when another one is made', async () => {
    now += 368 * 86_400_000
    await revokeTokens(world.as('user'), { service: 'many', kind: 'token', value: 'last' })
    expect((await routesOf('many'))?.map(({ value }) => value)).toEqual(['last'])
  })

  it('are revoked by those who may change a service', async () => {
    const wish = { service: 'hello', kind: 'token', value: 'j2' } as const
    await expect(revokeTokens(world.as('viewer'), wish)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('are revoked only once every gateway process that lives has acked a table that says so', async () => {
    const user = world.as('user')
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
    const rules = { keys: [], leewaySeconds: 30, maxLifetimeSeconds: 3600 }
    const routed = (revoked: readonly { kind: 'token'; value: string; atMs: number }[]) =>
      db.transaction(
        (tx) => saveRoutes(tx, [{ ...route, access: { keys: [], tokens: { ...rules, revoked } } }]),
        {
          fence,
        },
      )
    const { version } = await routed([{ kind: 'token', value: 'slow', atMs: now - 1 }])
    let applied = version
    const gateway = {
      name: 'gateway-0',
      pid: 101,
      port: null,
      state: 'running',
      startedAtMs: 0,
      build: '',
      drain: null,
    }
    // Only what is asked for is there.
    const plane = {
      ...user.plane,
      processes: async () => [gateway as never],
      gateways: async () => [{ pid: 101, appliedVersion: applied } as never],
    }
    let isOver = false
    const revoking = revokeTokens(
      { ...user, plane },
      { service: 'hello', kind: 'token', value: 'slow' },
    ).finally(() => (isOver = true))
    await expect.poll(() => routesOf('hello')).toContainEqual({ kind: 'token', value: 'slow', atMs: now })
    await routed([{ kind: 'token', value: 'slow', atMs: now }])
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(isOver).toBe(false)
    applied = version + 1
    await revoking
    expect(isOver).toBe(true)
  })
})
