import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AttemptLimit, signInAttempts } from '@skykeep/auth/attempt-limit'
import type { AuthServices } from '@skykeep/auth/auth-services'
import { ensureFirstAdmin } from '@skykeep/auth/first-admin'
import { credentialsOf, identify } from '@skykeep/auth/identify'
import { ensureLocalToken, readLocalToken } from '@skykeep/auth/local-token'
import { secretHash } from '@skykeep/auth/secret-hash'
import { readSessionCookies, sessionCookie } from '@skykeep/auth/session-cookie'
import { endSession } from '@skykeep/auth/sessions'
import { issueSignInCode, signIn, type StartedSession } from '@skykeep/auth/sign-in'
import type { Actor } from '@skykeep/core/actor'
import { isSkykeepError } from '@skykeep/core/errors'
import { listEvents } from '@skykeep/db/events'
import { raiseFence } from '@skykeep/db/fence'
import { findSession } from '@skykeep/db/sessions'
import { findToken, revokeTokens } from '@skykeep/db/tokens'
import type { User } from '@skykeep/db/users'
import { createSecretFile } from '@skykeep/secrets/key-file'
import { randomIds } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { FakeClock } from '@skykeep/testing/fake-clock'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

forEachDatabase('identity', (source) => {
  const clock = new FakeClock()
  let auth: AuthServices
  let admins: readonly User[]
  let userUid: string
  let attempts: AttemptLimit

  beforeAll(async () => {
    const { database } = await source.create({ clock })
    auth = { db: database, fence: await raiseFence(database), clock, ids: randomIds }
    admins = await Promise.all(['ada', 'eve', 'bob'].map((name) => ensureFirstAdmin(auth, name)))
    userUid = admins[0]?.uid ?? ''
  })
  beforeEach(() => {
    attempts = new AttemptLimit(clock)
  })

  const start = async (): Promise<StartedSession> => {
    const { code } = await issueSignInCode(auth, userUid)
    return await signIn(auth, attempts, { code, caller: 'test' })
  }
  const cookieOf = ({ secret }: StartedSession): string => sessionCookie(secret, 60).split(';')[0] ?? ''
  const bySession = (session: StartedSession): Promise<Actor | null> => {
    const cookie = `other=1; ${cookieOf(session)}`
    return identify(auth, credentialsOf(new Headers({ cookie, 'x-skykeep-proof': session.originProof })))
  }
  const byToken = (secret: string): Promise<Actor | null> =>
    identify(auth, { authorization: `Bearer ${secret}`, cookie: null, originProof: null })

  it('the first start makes one admin, of several at the same time too', async () => {
    expect(new Set(admins.map((admin) => admin.uid)).size).toBe(1)
    expect(await ensureFirstAdmin(auth, 'mallory')).toEqual(admins[0])
  })

  it('a code signs in once, of two at the same time too, and leaves an event', async () => {
    const { code } = await issueSignInCode(auth, userUid)
    const tries = await Promise.allSettled(
      Array.from({ length: 5 }, () => signIn(auth, attempts, { code, caller: 'test' })),
    )
    expect(tries.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    const events = await listEvents(auth.db, { types: ['user.signed-in'] })
    expect(events).toMatchObject([{ uid: userUid, actor: userUid }])
  })

  it('a code ends after ten minutes, and an unknown one is told no differently', async () => {
    const { code, expiresAtMs } = await issueSignInCode(auth, userUid)
    expect(expiresAtMs - clock.now()).toBe(10 * minuteMs)
    clock.pass(10 * minuteMs)
    const messages = await Promise.all(
      [code, randomIds.secret()].map((text) =>
        signIn(auth, attempts, { code: text, caller: 'test' }).catch((error: unknown) => String(error)),
      ),
    )
    expect(messages[0]).toBe(messages[1])
    expect(messages[0]).toContain('not accepted')
  })

  it('a code that holds signs in however many wrong ones were tried, and only the wrong ones wait', async () => {
    const wrong = (caller: string): Promise<string> =>
      signIn(auth, attempts, { code: randomIds.secret(), caller }).then(
        () => 'signed in',
        (error: unknown) => (isSkykeepError(error) ? error.code : String(error)),
      )
    const { failuresMax, totalFailuresMax } = signInAttempts
    for (let count = 0; count < failuresMax; count += 1) expect(await wrong('test')).toBe('UNAUTHENTICATED')
    expect(await wrong('test')).toBe('UNAVAILABLE')
    for (let count = failuresMax; count < totalFailuresMax; count += 1) attempts.failed(`guesser ${count}`)
    expect(await wrong('somebody new')).toBe('UNAVAILABLE')
    const { code } = await issueSignInCode(auth, userUid)
    const session = await signIn(auth, attempts, { code, caller: 'test' })
    expect(await bySession(session)).toMatchObject({ kind: 'session', userUid })
    await expect(signIn(auth, attempts, { code, caller: 'test' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    expect(await wrong('test')).toBe('UNAVAILABLE')
  })

  it('a session lives for thirty days after its last use and ends when it is ended', async () => {
    const session = await start()
    for (let use = 0; use < 3; use += 1) {
      clock.pass(29 * dayMs)
      expect(await bySession(session)).toMatchObject({ kind: 'session', userUid, role: 'admin' })
    }
    const actor = await bySession(session)
    await endSession(auth, actor?.credentialUid ?? '')
    expect(await bySession(session)).toBeNull()
    const left = await start()
    clock.pass(30 * dayMs)
    expect(await bySession(left)).toBeNull()
  })

  it('a plane that was replaced still knows who asks, and signs nobody in', async () => {
    const session = await start()
    const { code } = await issueSignInCode(auth, userUid)
    const stale = { ...auth, fence: auth.fence - 1 }
    clock.pass(minuteMs)
    await expect(signIn(stale, attempts, { code, caller: 'test' })).rejects.toMatchObject({ code: 'FENCED' })
    clock.pass(2 * dayMs)
    const { originProof } = session
    expect(
      await identify(stale, { authorization: null, cookie: cookieOf(session), originProof }),
    ).not.toBeNull()
  })

  it('invariant 17: a cookie without the proof of its own session is nobody', async () => {
    const session = await start()
    const other = await start()
    const cookie = cookieOf(session)
    const wrong = [null, '', 'x', session.secret, randomIds.secret(), other.originProof]
    const near = [session.originProof.slice(0, -1), `${session.originProof}x`, ` ${session.originProof}`]
    for (const originProof of [...wrong, ...near]) {
      expect(await identify(auth, { authorization: null, cookie, originProof })).toBeNull()
    }
    const { originProof } = session
    expect(await identify(auth, { authorization: null, cookie: null, originProof })).toBeNull()
    expect(await identify(auth, { authorization: `Bearer ${originProof}`, cookie, originProof })).toBeNull()
    expect(await bySession(session)).toMatchObject({ kind: 'session', userUid })
  })

  it("invariant 17: a second cookie of somebody else takes nobody's session away", async () => {
    const session = await start()
    const other = await start()
    const { originProof } = session
    const shown = (cookies: readonly string[], proof = originProof): Promise<Actor | null> =>
      identify(auth, { authorization: null, cookie: cookies.join('; '), originProof: proof })
    const alone = await shown([cookieOf(session)])
    expect(alone).toMatchObject({ kind: 'session', userUid })
    const foreign = Array.from({ length: 9 }, () => `skykeep_session=${randomIds.secret()}`)
    for (const added of [[foreign[0] ?? ''], ['skykeep_session=x'], [cookieOf(other)], foreign]) {
      expect(await shown([...added, cookieOf(session)])).toEqual(alone)
    }
    expect(await shown([cookieOf(session), cookieOf(other), 'skykeep_session=x'])).toEqual(alone)
    expect(await shown([cookieOf(other), ...foreign])).toBeNull()
    expect(await shown([cookieOf(session), cookieOf(other)], randomIds.secret())).toBeNull()
  })

  it('invariant 17: of the proof only the hash is kept, and a session that has none is refused', async () => {
    const session = await start()
    const stored = await findSession(auth.db, secretHash(session.secret))
    expect(stored?.proofHash).toBe(secretHash(session.originProof))
    expect(session.originProof).not.toBe(session.secret)
    await auth.db.transaction((tx) =>
      tx.client.session.updateMany({ where: { uid: stored?.uid ?? '' }, data: { proofHash: null } }),
    )
    expect(await bySession(session)).toBeNull()
  })

  it('a bearer token that does not hold is not made up for by a cookie', async () => {
    const session = await start()
    const cookie = cookieOf(session)
    const { originProof } = session
    for (const authorization of ['', 'Bearer', 'Bearer x', `Bearer ${randomIds.secret()}`, 'Basic YTpi']) {
      expect(await identify(auth, { authorization, cookie, originProof })).toBeNull()
    }
  })

  describe('the local token', () => {
    let folder: string
    let path: string

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'skykeep-token-'))
      path = join(folder, 'local-token')
    })
    afterAll(() => rmSync(folder, { recursive: true }))
    const ensure = (): Promise<void> => ensureLocalToken(auth, userUid, { path, create: createSecretFile })

    it('is made once, readable by its owner alone, and stored as a hash', async () => {
      await Promise.all([ensure(), ensure()])
      await ensure()
      const secret = readLocalToken(path)
      expect(statSync(path).mode & 0o777).toBe(0o600)
      expect(await byToken(secret)).toMatchObject({ kind: 'token', userUid, role: 'admin' })
      expect((await findToken(auth.db, secretHash(secret)))?.secretHash).not.toContain(secret)
    })
    it('is made anew after it was revoked or lost, and the old one stays out', async () => {
      const old = readLocalToken(path)
      await auth.db.transaction((tx) => revokeTokens(tx, userUid, 'local'))
      expect(await byToken(old)).toBeNull()
      await ensure()
      const second = readLocalToken(path)
      expect(await byToken(second)).not.toBeNull()
      rmSync(path)
      await ensure()
      expect(await byToken(readLocalToken(path))).not.toBeNull()
      for (const secret of [old, second]) expect(await byToken(secret)).toBeNull()
    })
    it('is refused when others may read it', async () => {
      chmodSync(path, 0o644)
      await expect(ensure()).rejects.toMatchObject({ code: 'FORBIDDEN' })
      expect(readFileSync(path, 'utf8')).not.toBe('')
    })
  })
})

describe('failed sign-ins', () => {
  it('make one caller wait, then everybody, and are forgiven after a minute', () => {
    const clock = new FakeClock()
    const limit = new AttemptLimit(clock, {
      failuresMax: 3,
      totalFailuresMax: 5,
      windowMs: minuteMs,
      callersMax: 2,
    })
    for (let count = 0; count < 3; count += 1) limit.failed('a')
    expect(() => limit.check('a')).toThrow('too many')
    limit.check('b')
    clock.jump(-dayMs)
    limit.failed('b')
    limit.failed('c')
    expect(() => limit.check('d')).toThrow('too many')
    clock.pass(minuteMs)
    limit.check('a')
    limit.check('d')
  })
})

describe('the session cookie', () => {
  const secret = randomIds.secret()
  it.each([
    [null, []],
    ['', []],
    ['skykeep_session=', []],
    ['skykeep_session=short', []],
    [`xskykeep_session=${secret}`, []],
    [`a=b; skykeep_session=${secret}`, [secret]],
    [`skykeep_session=${secret}; skykeep_session=short; skykeep_session=${secret}x`, [secret, `${secret}x`]],
    [`skykeep_session=${secret}; skykeep_session=${secret}`, [secret]],
  ])('reads %s', (header, expected) => {
    expect(readSessionCookies(header)).toEqual(expected)
  })
  it('is looked for in the last four of many', () => {
    const added = Array.from({ length: 50 }, () => randomIds.secret())
    const header = [...added, secret].map((value) => `skykeep_session=${value}`).join('; ')
    expect(readSessionCookies(header)).toEqual([...added.slice(-3), secret])
  })
  it('is seen by no script and sent by no other site', () => {
    expect(sessionCookie(secret, 60)).toBe(
      `skykeep_session=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=60`,
    )
  })
})
