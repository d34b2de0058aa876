import type { Actor } from '@skykeep/core/actor'
import { isSkykeepError } from '@skykeep/core/errors'
import { deleteSession, extendSession, findSession } from '@skykeep/db/sessions'
import type { AuthServices } from './auth-services.ts'
import { isSameHash, secretHash } from './secret-hash.ts'

/** A session lives for 30 days after it was last used. */
export const sessionMs = 30 * 24 * 3_600_000
/** Its end moves at most once a day, so that reading seldom writes. */
const extendAfterMs = 24 * 3_600_000

/** Who shows this secret of a session; null when it never held, has expired or was ended. Moves its end on. */
export async function actorOfSession(auth: AuthServices, secret: string): Promise<Actor | null> {
  const hash = secretHash(secret)
  const session = await findSession(auth.db, hash)
  const now = auth.clock.now()
  if (session === null || !isSameHash(session.secretHash, hash) || session.expiresAtMs <= now) return null
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
