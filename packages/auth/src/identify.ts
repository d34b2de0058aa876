import type { Actor } from '@skykeep/core/actor'
import type { AuthServices } from './auth-services.ts'
import { originProofHeader, readOriginProof } from './origin-proof.ts'
import { readSessionCookies } from './session-cookie.ts'
import { actorOfSession } from './sessions.ts'
import { actorOfToken } from './tokens.ts'

/** The headers that may say who asks. */
export interface Credentials {
  readonly authorization: string | null
  readonly cookie: string | null
  readonly originProof: string | null
}

/** The credentials that a request shows. */
export function credentialsOf(headers: Headers): Credentials {
  return {
    authorization: headers.get('authorization'),
    cookie: headers.get('cookie'),
    originProof: headers.get(originProofHeader),
  }
}

/**
 * Who asks, by bearer token, or by session cookie together with its origin proof: a cookie alone is nobody, as every port of the host is
 * sent it. Of several cookies the one that the proof belongs to counts: a proof holds for one session only, so no other can be passed off
 * as it. A bearer token that does not hold is never made up for by a cookie.
 */
export async function identify(auth: AuthServices, credentials: Credentials): Promise<Actor | null> {
  if (credentials.authorization !== null) {
    const secret = /^Bearer ([A-Za-z0-9_-]{43,128})$/i.exec(credentials.authorization)?.[1]
    return secret === undefined ? null : await actorOfToken(auth, secret)
  }
  const originProof = readOriginProof(credentials.originProof)
  if (originProof === null) return null
  for (const secret of readSessionCookies(credentials.cookie)) {
    const actor = await actorOfSession(auth, { secret, originProof })
    if (actor !== null) return actor
  }
  return null
}
