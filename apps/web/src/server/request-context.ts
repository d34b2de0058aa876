import type { ApiContext } from '@skykeep/api/trpc'
import { credentialsOf, identify } from '@skykeep/auth/identify'
import { endedSessionCookie } from '@skykeep/auth/session-cookie'
import { observeCalls } from './observe-calls.ts'
import { plane } from './plane.ts'

/** Who asks, by bearer token, or by session cookie with its origin proof, and with what. Throws when the state cannot be had now. */
export async function requestContext(request: Request, answerHeaders: Headers): Promise<ApiContext> {
  const { services, auth } = await plane()
  return {
    services,
    observer: observeCalls(request.headers.get('traceparent')),
    actor: await identify(auth, credentialsOf(request.headers)),
    clearSessionCookie: () => answerHeaders.append('set-cookie', endedSessionCookie()),
  }
}

/** Of one call; read before it is known whether it makes sense. */
export const callBytesMax = 4 * 1024 * 1024
