import { afterAll, beforeAll, expect, it } from 'vitest'
import { isStillSignedIn } from '@skykeep/actions/auth/is-still-signed-in'
import { createToken } from '@skykeep/actions/tokens/create-token'
import { listTokens } from '@skykeep/actions/tokens/list-tokens'
import { revokeToken } from '@skykeep/actions/tokens/revoke-token'
import { createTokenInput, tokenNameInput } from '@skykeep/actions/tokens/schemas'
import { credentialsOf, identify } from '@skykeep/auth/identify'
import type { Actor } from '@skykeep/core/actor'
import { listEvents } from '@skykeep/db/events'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { until } from '@skykeep/testing/until'

forEachDatabase('tokens', (source) => {
  let world: ActionWorld

  beforeAll(async () => {
    world = await createActionWorld(await source.create())
  })
  afterAll(() => world.close())

  const shown = (token: string): Promise<Actor | null> =>
    identify(world.auth, credentialsOf(new Headers({ authorization: `Bearer ${token}` })))

  it('act as the user who made them, until they are revoked', async () => {
    const viewer = world.as('viewer')
    const { token } = await createToken(viewer, { name: 'ci' })
    const actor = await shown(token)
    expect(actor).toMatchObject({ kind: 'token', role: 'viewer', userUid: viewer.actor.userUid })
    const asked = { ...world.services, actor: actor ?? viewer.actor }
    expect(await isStillSignedIn(asked)).toBe(true)
    await revokeToken(viewer, { name: 'ci' })
    expect(await shown(token)).toBe(null)
    expect(await isStillSignedIn(asked)).toBe(false)
    await expect(revokeToken(viewer, { name: 'ci' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await shown(`${token}x`)).toBe(null)
  })

  it('that expire are refused from then on with the reason, and another of that name can be made', async () => {
    const user = world.as('user')
    const { token, expiresAtMs } = await createToken(user, { name: 'short', expiresInSeconds: 2 })
    expect((expiresAtMs ?? 0) - Date.now()).toBeLessThanOrEqual(2000)
    const actor = await shown(token)
    expect(actor).toMatchObject({ kind: 'token' })
    const asked = { ...world.services, actor: actor ?? user.actor }
    const refusal = await until('its end', async () => {
      return await shown(token).then(
        () => false as const,
        (error: unknown) => error,
      )
    })
    expect(refusal).toMatchObject({
      code: 'UNAUTHENTICATED',
      userMessage: `The token short expired at ${new Date(expiresAtMs ?? 0).toISOString()}.`,
      hint: expect.stringContaining('skykeep token create short --expires'),
    })
    // A stream that it opened ends, too.
    expect(await isStillSignedIn(asked)).toBe(false)
    await expect(revokeToken(user, { name: 'short' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const { token: next, expiresAtMs: never } = await createToken(user, { name: 'short' })
    expect([await shown(next), never]).toEqual([expect.objectContaining({ kind: 'token' }), null])
  })

  it.each([0, -1, 1.5, 315_360_001])('do not expire after %j seconds', (expiresInSeconds) => {
    expect(createTokenInput.safeParse({ name: 'x', expiresInSeconds }).success).toBe(false)
  })

  it('are kept as hashes: neither a list nor an event has one', async () => {
    const admin = world.as('admin')
    const { token } = await createToken(admin, { name: 'once' })
    const seen = [await listTokens(admin), await listEvents(world.services.db, { limit: 200 })]
    expect(JSON.stringify(seen)).toContain('once')
    expect(JSON.stringify(seen)).not.toContain(token.slice(-20))
  })

  it('of a name there is one that holds, of several asked for at once too', async () => {
    const user = world.as('user')
    const made = await Promise.allSettled([1, 2, 3].map(() => createToken(user, { name: 'race' })))
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await revokeToken(user, { name: 'race' })
    await createToken(user, { name: 'race' })
    const races = (await listTokens(user)).filter(({ name }) => name === 'race')
    const states = races.map(({ revokedAtMs }) => revokedAtMs === null)
    expect(states).toEqual([true, false])
  })

  it('of others are neither seen nor ended', async () => {
    await createToken(world.as('admin'), { name: 'mine' })
    expect((await listTokens(world.as('user'))).some(({ name }) => name === 'mine')).toBe(false)
    await expect(revokeToken(world.as('user'), { name: 'mine' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('never take the place of the one of the command line', async () => {
    const admin = world.as('admin')
    await expect(createToken(admin, { name: 'local' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(revokeToken(admin, { name: 'local' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it.each(['', 'A', '-x', 'a b', 'a/b', 'a\n', 'x'.repeat(64)])('are not named %j', (name) => {
    expect(tokenNameInput.safeParse({ name }).success).toBe(false)
  })
})
