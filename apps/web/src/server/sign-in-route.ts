import { z } from 'zod'
import { signIn } from '@skykeep/auth/sign-in'
import { sessionCookie } from '@skykeep/auth/session-cookie'
import { SkykeepError } from '@skykeep/core/errors'
import { boundedText } from './bounded-body.ts'
import { guarded } from './guard.ts'
import { plane } from './plane.ts'

const signInInput = z.object({ code: z.string().min(1).max(256) })
/** Anybody who reaches the port may send one. */
const signInBytesMax = 4096

/** `POST /api/sign-in {code}`: uses the code up and hands the browser its session: the cookie, and in the body the origin proof. Only from our own page. */
export function handleSignIn(request: Request): Promise<Response> {
  return guarded(
    request,
    async () => {
      const input = signInInput.safeParse(parsed(await boundedText(request, signInBytesMax)))
      if (!input.success) {
        throw new SkykeepError('INVALID_INPUT', 'no code in the body', {
          userMessage: 'The link holds no code.',
        })
      }
      const { auth, attempts } = await plane()
      const { code } = input.data
      const session = await signIn(auth, attempts, { code, caller: callerOf(request) })
      const headers = { 'set-cookie': sessionCookie(session.secret, session.maxAgeSeconds) }
      return Response.json({ name: session.userName, originProof: session.originProof }, { headers })
    },
    { needsOrigin: true },
  )
}

/** The value of a JSON text; undefined when it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Next writes the peer's address into this header when nobody before it did. */
function callerOf(request: Request): string {
  return request.headers.get('x-forwarded-for') ?? 'unknown'
}
