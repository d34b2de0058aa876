import type { Actor } from '@skykeep/core/actor'
import { findToken, touchToken } from '@skykeep/db/tokens'
import type { AuthServices } from './auth-services.ts'
import { isSameHash, secretHash } from './secret-hash.ts'
import { unlessDegraded } from './sessions.ts'

/** The last use of a token is noted at most this often. */
const touchAfterMs = 3_600_000

/** Who shows this bearer token; null when there is none like it or it was revoked. */
export async function actorOfToken(auth: AuthServices, secret: string): Promise<Actor | null> {
  const hash = secretHash(secret)
  const token = await findToken(auth.db, hash)
  if (token === null || !isSameHash(token.secretHash, hash) || token.revokedAtMs !== null) return null
  if (auth.clock.now() - (token.lastUsedAtMs ?? 0) > touchAfterMs) {
    await unlessDegraded(auth.db.transaction((tx) => touchToken(tx, token.uid), { fence: auth.fence }))
  }
  const { uid: userUid, name, role } = token.user
  return { kind: 'token', userUid, name, role, credentialUid: token.uid }
}
