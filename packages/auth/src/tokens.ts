import type { Actor } from '@skykeep/core/actor'
import { SkykeepError } from '@skykeep/core/errors'
import { appendEvent } from '@skykeep/db/events'
import { findLivingToken, findToken, insertToken, touchToken, type Token } from '@skykeep/db/tokens'
import type { AuthServices } from './auth-services.ts'
import { isSameHash, secretHash } from './secret-hash.ts'
import { unlessDegraded } from './sessions.ts'

/** The last use of a token is noted at most this often. */
const touchAfterMs = 3_600_000

/** Who shows this bearer token; null when there is none like it or it was revoked. Throws UNAUTHENTICATED for one that has expired. */
export async function actorOfToken(auth: AuthServices, secret: string): Promise<Actor | null> {
  const hash = secretHash(secret)
  const token = await findToken(auth.db, hash)
  if (token === null || !isSameHash(token.secretHash, hash) || token.revokedAtMs !== null) return null
  if (token.expiresAtMs !== null && auth.clock.now() >= token.expiresAtMs) throw expired(token)
  if (auth.clock.now() - (token.lastUsedAtMs ?? 0) > touchAfterMs) {
    await unlessDegraded(auth.db.transaction((tx) => touchToken(tx, token.uid), { fence: auth.fence }))
  }
  const { uid: userUid, name, role } = token.user
  return { kind: 'token', userUid, name, role, credentialUid: token.uid }
}

function expired({ uid, name, expiresAtMs }: Token): SkykeepError {
  const at = new Date(expiresAtMs ?? 0).toISOString()
  return new SkykeepError('UNAUTHENTICATED', `token ${uid} expired at ${at}`, {
    userMessage: `The token ${name} expired at ${at}.`,
    hint: `Make another one: \`skykeep token create ${name} --expires 30d\`.`,
  })
}

export interface TokenWish {
  readonly name: string
  /** Ms since the epoch; null: until it is revoked. */
  readonly expiresAtMs: number | null
}

export interface IssuedToken {
  readonly uid: string
  /** Shown once. */
  readonly token: string
  readonly createdAtMs: number
  readonly expiresAtMs: number | null
}

/** Begins every token that a person made, so that a scanner of texts knows one when it sees it. */
const tokenPrefix = 'skykeep_'

/**
 * Makes a token (256 bits) with which a program acts as this user until it is revoked or has expired, with its event. Only its hash is kept. Throws
 * ALREADY_EXISTS while the user has a living one of that name.
 */
export async function issueToken(
  auth: AuthServices,
  userUid: string,
  { name, expiresAtMs }: TokenWish,
): Promise<IssuedToken> {
  const token = `${tokenPrefix}${auth.ids.secret()}`
  const uid = auth.ids.uid('tok')
  const createdAtMs = await auth.db.transaction(
    async (tx) => {
      if ((await findLivingToken(tx, userUid, name)) !== null) {
        throw new SkykeepError('ALREADY_EXISTS', `user ${userUid} has a token ${name}`, {
          userMessage: `You have a token named ${name} already.`,
          hint: `Give this one another name, or run \`skykeep token revoke ${name}\` first.`,
        })
      }
      await insertToken(tx, { uid, userUid, name, secretHash: secretHash(token), expiresAtMs })
      await appendEvent(tx, {
        kind: 'system',
        uid,
        type: 'token.created',
        reason: 'ASKED',
        message:
          expiresAtMs === null
            ? `The token ${name} was made.`
            : `The token ${name} was made; it expires at ${new Date(expiresAtMs).toISOString()}.`,
        actor: userUid,
      })
      return tx.clock.now()
    },
    { fence: auth.fence },
  )
  return { uid, token, createdAtMs, expiresAtMs }
}
