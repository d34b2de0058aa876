import { sessionCookieName } from '@skykeep/auth/session-cookie'
import { httpStatusOf, SkykeepError } from '@skykeep/core/errors'
import { shownErrorOf } from '@skykeep/api/errors'
import { allowedHosts, listeningPort } from './env.ts'
import { refusalOf } from './host-check.ts'
import { logLine } from './process-log.ts'
import { commonHeaders } from './security-headers.ts'

export interface GuardOptions {
  /** True: the request must name our own origin even without a cookie (signing in). */
  readonly needsOrigin?: boolean
  /** How a refusal is answered; absent: as every route of ours answers an error. */
  readonly refused?: (error: unknown) => Response
}

/** Runs a route only for our own host and origin, turns what it throws into an answer, and lets nothing be cached. */
export async function guarded(
  request: Request,
  route: () => Promise<Response>,
  { needsOrigin = false, refused = errorResponse }: GuardOptions = {},
): Promise<Response> {
  const refusal = refusalOf(
    {
      method: request.method,
      host: request.headers.get('host'),
      origin: request.headers.get('origin'),
      secFetchSite: request.headers.get('sec-fetch-site'),
      hasCookie: needsOrigin || hasSessionCookie(request),
    },
    { port: listeningPort(), allowedHosts: allowedHosts() },
  )
  const response = refusal === null ? await answered(route) : refused(forbidden(refusal))
  for (const [name, value] of Object.entries(commonHeaders)) response.headers.set(name, value)
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store')
  return response
}

/** An error as every route of ours sends it: `{code, userMessage, hint, problems}` with the code's status. */
function errorResponse(error: unknown): Response {
  const shown = shownErrorOf(error)
  if (shown.code === 'INTERNAL') logLine('error', 'a request failed', error)
  return Response.json(shown, { status: httpStatusOf[shown.code] })
}

async function answered(route: () => Promise<Response>): Promise<Response> {
  try {
    return await route()
  } catch (error) {
    return errorResponse(error)
  }
}

/** True with any cookie of that name, also one that cannot hold. */
function hasSessionCookie(request: Request): boolean {
  return request.headers.get('cookie')?.includes(`${sessionCookieName}=`) ?? false
}

function forbidden(refusal: string): SkykeepError {
  return new SkykeepError('FORBIDDEN', refusal, {
    hint: 'Open the address that `skykeep up` printed, or name this host in SKYKEEP_ALLOWED_HOSTS.',
  })
}
