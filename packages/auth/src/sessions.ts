import type { Actor } from '@skykeep/core/actor'
import { isSkykeepError } from '@skykeep/core/errors'
import { deleteSession, extendSession, findSession } from '@skykeep/db/sessions'
import type { AuthServices } from './auth-services.ts'
import { isSameHash, secretHash } from './secret-hash.ts'

/** A session lives for 30 days after it was last used. */
export const sessionMs = 30 * 24 * 3_600_000
/** Its end moves at most once a day, so that reading seldom writes. */
const extendAfterMs = 24 * 3_600_000

/** Both secrets of a session, of which neither is enough. */
export interface SessionSecrets {
  /** Of the cookie. */
  readonly secret: string
  /** Of the origin's storage. */
  readonly originProof: string
}

/** Who shows these secrets of one session; null when they never held, or it has expired or was ended. Moves its end on. */
export async function actorOfSession(auth: AuthServices, shown: SessionSecrets): Promise<Actor | null> {
  const hash = secretHash(shown.secret)
  const session = await findSession(auth.db, hash)
  const now = auth.clock.now()
  if (session === null || !isSameHash(session.secretHash, hash) || session.expiresAtMs <= now) return null
  if (session.proofHash === null || !isSameHash(session.proofHash, secretHash(shown.originProof))) return null
  if (now + sessionMs - session.expiresAtMs > extendAfterMs) {
    await unlessDegraded(
      auth.db.transaction((tx) => extendSession(tx, session.uid, now + sessionMs), { fence: auth.fence }),
    )
  }
  const { uid: userUid, name, role } = session.user
  return { kind: 'session', userUid, name, role, credentialUid: session.uid }
}

/** Ends a session at once, in every process; ending it twice changes nothing. */
export async function endSession(auth: AuthServices, uid: string): Promise<void> {
  await auth.db.transaction((tx) => deleteSession(tx, uid), { fence: auth.fence })
}

/** Bookkeeping that must not keep anybody out while the disk is full or another plane writes. */
export async function unlessDegraded(writing: Promise<void>): Promise<void> {
  try {
    await writing
  } catch (error) {
    if (!isSkykeepError(error)) throw error
  }
}
