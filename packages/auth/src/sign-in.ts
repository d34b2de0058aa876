import { SkykeepError } from '@skykeep/core/errors'
import { appendEvent } from '@skykeep/db/events'
import { insertSession } from '@skykeep/db/sessions'
import { insertSignInCode, isSignInCodeHolding, takeSignInCode } from '@skykeep/db/sign-in-codes'
import type { AttemptLimit } from './attempt-limit.ts'
import type { AuthServices } from './auth-services.ts'
import { secretHash } from './secret-hash.ts'
import { sessionMs, type SessionSecrets } from './sessions.ts'

/** A sign-in code holds for ten minutes. */
export const signInCodeMs = 600_000

/** Makes a single-use code (256 bits) with which this user can sign in within ten minutes. Only its hash is kept. */
export async function issueSignInCode(
  auth: AuthServices,
  userUid: string,
): Promise<{ readonly code: string; readonly expiresAtMs: number }> {
  const code = auth.ids.secret()
  const expiresAtMs = auth.clock.now() + signInCodeMs
  await auth.db.transaction(
    (tx) => insertSignInCode(tx, { userUid, codeHash: secretHash(code), expiresAtMs }),
    {
      fence: auth.fence,
    },
  )
  return { code, expiresAtMs }
}

export interface SignInAttempt {
  readonly code: string
  /** Whom to slow down after failures: the address that asks. */
  readonly caller: string
}

/** The secret for the cookie and the proof for the page's storage; both shown once. */
export interface StartedSession extends SessionSecrets {
  readonly maxAgeSeconds: number
  readonly userName: string
}

/**
 * Uses a code up and starts a session, with its event, in one transaction. A code that holds is never kept waiting by failures.
 * Throws UNAUTHENTICATED (unknown, used or expired: not said which), UNAVAILABLE for such a code after too many failures.
 */
export async function signIn(
  auth: AuthServices,
  attempts: AttemptLimit,
  attempt: SignInAttempt,
): Promise<StartedSession> {
  const codeHash = secretHash(attempt.code)
  // Codes have 256 bits: who shows one that holds did not guess it, and others' guesses must not keep the admin out.
  const isHolding = await isSignInCodeHolding(auth.db, codeHash)
  if (!isHolding) attempts.check(attempt.caller)
  const session = isHolding ? await startSession(auth, codeHash) : null
  if (session === null) {
    attempts.failed(attempt.caller)
    throw new SkykeepError('UNAUTHENTICATED', 'sign-in code not accepted', {
      userMessage: 'This sign-in link was used already, or is older than ten minutes.',
      hint: 'Run `skykeep login` for a new one.',
    })
  }
  attempts.succeeded(attempt.caller)
  return session
}

/** Uses the code up; null when it no longer holds, as another caller may have been first. */
async function startSession(auth: AuthServices, codeHash: string): Promise<StartedSession | null> {
  const secret = auth.ids.secret()
  const originProof = auth.ids.secret()
  const uid = auth.ids.uid('ses')
  const user = await auth.db.transaction(
    async (tx) => {
      const taken = await takeSignInCode(tx, codeHash)
      const now = auth.clock.now()
      if (taken === null || taken.expiresAtMs <= now) return null
      const { user } = taken
      await insertSession(tx, {
        uid,
        userUid: user.uid,
        secretHash: secretHash(secret),
        proofHash: secretHash(originProof),
        expiresAtMs: now + sessionMs,
      })
      await appendEvent(tx, {
        kind: 'system',
        uid: user.uid,
        type: 'user.signed-in',
        reason: 'SIGN_IN_CODE',
        message: `${user.name} signed in.`,
        actor: user.uid,
      })
      return user
    },
    { fence: auth.fence },
  )
  return user && { secret, originProof, maxAgeSeconds: sessionMs / 1000, userName: user.name }
}
