import type { Actor } from '@skykeep/core/actor'
import type { AuthServices } from './auth-services.ts'
import { readSessionCookie } from './session-cookie.ts'
import { actorOfSession } from './sessions.ts'
import { actorOfToken } from './tokens.ts'

/** The two headers that may say who asks. */
export interface Credentials {
  readonly authorization: string | null
  readonly cookie: string | null
}

/** Who asks, by bearer token or by session cookie; a bearer token that does not hold is never made up for by a cookie. */
export async function identify(auth: AuthServices, credentials: Credentials): Promise<Actor | null> {
  if (credentials.authorization !== null) {
    const secret = /^Bearer ([A-Za-z0-9_-]{43,128})$/i.exec(credentials.authorization)?.[1]
    return secret === undefined ? null : await actorOfToken(auth, secret)
  }
  const secret = readSessionCookie(credentials.cookie)
  return secret === null ? null : await actorOfSession(auth, secret)
}
