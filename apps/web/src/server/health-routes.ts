import { planeIfOpen } from './plane.ts'
import { commonHeaders } from './security-headers.ts'

const headers = { ...commonHeaders, 'cache-control': 'no-store' }

/** `GET /healthz`: this process answers. Says nothing of the database, so that a locked one gets nobody killed. */
export function handleHealth(): Response {
  return Response.json({ ok: true }, { headers })
}

/** `GET /role`: 200 only where the plane that holds the fence is; a load balancer follows it. */
export function handleRole(): Response {
  const isActive = planeIfOpen()?.isActive() ?? false
  return Response.json({ role: isActive ? 'active' : 'standby' }, { status: isActive ? 200 : 503, headers })
}
