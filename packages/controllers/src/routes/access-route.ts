import type { AccessRoute, KeyRoute, RateRoute, TokensRoute } from '@skykeep/core/routes'
import type { AccessSpec, TokensSpec } from '@skykeep/core/service-spec'

/**
 * What the gateway checks of `service.load_balancer.access`. Where a key is required and there is none, nobody gets in; the empty
 * list beside tokens alone is for gateways of an older program. Pure.
 */
export function accessOf(spec: AccessSpec, keys: readonly KeyRoute[]): AccessRoute {
  const rate = rateOf(spec.requestsPerSecond, spec.burst)
  const ratePerKey = rateOf(spec.keyRequestsPerSecond, spec.keyBurst)
  return {
    ...(spec.allow === undefined ? {} : { allow: spec.allow }),
    ...(spec.requireKey === true ? { keys } : spec.tokens === undefined ? {} : { keys: [] }),
    ...(spec.tokens === undefined ? {} : { tokens: tokensOf(spec.tokens) }),
    ...(spec.forwardKey === true ? { forwardsKey: true } : {}),
    ...(spec.allowPreflight === true ? { allowsPreflight: true } : {}),
    ...(rate === null ? {} : { rate }),
    ...(ratePerKey === null ? {} : { ratePerKey }),
  }
}

function tokensOf({
  publicKeys,
  requiredClaims,
  requestsPerSecond,
  burst,
  ...rules
}: TokensSpec): TokensRoute {
  const ratePerSubject = rateOf(requestsPerSecond, burst)
  return {
    ...rules,
    keys: publicKeys,
    ...(requiredClaims === undefined ? {} : { claims: requiredClaims }),
    ...(ratePerSubject === null ? {} : { ratePerSubject }),
  }
}

function rateOf(requestsPerSecond: number | undefined, burst: number | undefined): RateRoute | null {
  if (requestsPerSecond === undefined) return null
  return { requestsPerSecond, burst: burst ?? Math.max(1, Math.ceil(requestsPerSecond)) }
}
