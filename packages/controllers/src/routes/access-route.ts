import type { AccessRoute, KeyRoute, RateRoute } from '@skykeep/core/routes'
import type { AccessSpec } from '@skykeep/core/service-spec'

/** What the gateway checks of `service.load_balancer.access`. Where a key is required and there is none, nobody gets in. Pure. */
export function accessOf(spec: AccessSpec, keys: readonly KeyRoute[]): AccessRoute {
  const rate = rateOf(spec.requestsPerSecond, spec.burst)
  const ratePerKey = rateOf(spec.keyRequestsPerSecond, spec.keyBurst)
  return {
    ...(spec.allow === undefined ? {} : { allow: spec.allow }),
    ...(spec.requireKey === true ? { keys } : {}),
    ...(spec.forwardKey === true ? { forwardsKey: true } : {}),
    ...(spec.allowPreflight === true ? { allowsPreflight: true } : {}),
    ...(rate === null ? {} : { rate }),
    ...(ratePerKey === null ? {} : { ratePerKey }),
  }
}

function rateOf(requestsPerSecond: number | undefined, burst: number | undefined): RateRoute | null {
  if (requestsPerSecond === undefined) return null
  return { requestsPerSecond, burst: burst ?? Math.max(1, Math.ceil(requestsPerSecond)) }
}
