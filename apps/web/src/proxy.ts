import { NextResponse, type NextRequest } from 'next/server'
import { allowedHosts, isDevelopment, listeningPort } from './server/env.ts'
import { refusalOf } from './server/host-check.ts'
import { commonHeaders, contentSecurityPolicy } from './server/security-headers.ts'
import { sessionCookieName } from '@skykeep/auth/session-cookie'

/** Pages: only for our own host, with a fresh nonce for their scripts. The API checks for itself: here its bodies would be buffered. */
export function proxy(request: NextRequest): NextResponse {
  const refusal = refusalOf(
    {
      method: request.method,
      host: request.headers.get('host'),
      origin: request.headers.get('origin'),
      secFetchSite: request.headers.get('sec-fetch-site'),
      hasCookie: request.cookies.has(sessionCookieName),
    },
    { port: listeningPort(), allowedHosts: allowedHosts() },
  )
  if (refusal !== null) return new NextResponse(refusal, { status: 403, headers: commonHeaders })
  const policy = contentSecurityPolicy(btoa(crypto.randomUUID()), isDevelopment())
  const headers = new Headers(request.headers)
  headers.set('Content-Security-Policy', policy)
  const response = NextResponse.next({ request: { headers } })
  for (const [name, value] of Object.entries(commonHeaders)) response.headers.set(name, value)
  response.headers.set('Content-Security-Policy', policy)
  return response
}

export const config = { matcher: ['/((?!api/|_next/static|healthz|metrics|role|icon).*)'] }
