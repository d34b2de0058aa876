import type { AccessRoute } from '@skykeep/core/routes'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { afterEach } from 'vitest'
import { httpUpstream, startGateway, type TestGateway, type Upstream } from './harness.ts'

const open: (Upstream | TestGateway)[] = []
/** Names and values of the fields that the replica got, a list each request of the running test. */
export const seen: string[][] = []

afterEach(async () => {
  for (const each of open.splice(0)) await ('kill' in each ? each.kill() : each.close())
  seen.length = 0
})

/** A gateway with one replica, behind these rules; both end with the test. */
export async function gatewayWith(access: AccessRoute, clock = systemClock): Promise<TestGateway> {
  const upstream = await httpUpstream((request, response) => {
    seen.push(request.rawHeaders)
    request.resume()
    request.on('end', () => response.end('hi'))
  })
  const gateway = await startGateway([{ port: upstream.port }], { service: { access }, clock })
  open.push(gateway, upstream)
  return gateway
}
