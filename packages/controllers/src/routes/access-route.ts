import type { AccessRoute, KeyRoute, TokenRevocationRoute, TokensRoute } from '@skykeep/core/routes'
import { rateOf, revocationSeconds, type AccessSpec, type TokensSpec } from '@skykeep/core/service-spec'

/** What was made and revoked beside the YAML. */
export interface Credentials {
  readonly keys: readonly KeyRoute[]
  /** In one stable order; those of tokens that have expired may be among them. */
  readonly revocations: readonly TokenRevocationRoute[]
  /** Wall time. */
  readonly nowMs: number
}

/**
 * What the gateway checks of `service.load_balancer.access`. Where a key is required and there is none, nobody gets in; the empty
 * list beside tokens alone is for gateways of an older program. Pure.
 */
export function accessOf(spec: AccessSpec, { keys, revocations, nowMs }: Credentials): AccessRoute {
  const rate = rateOf(spec.requestsPerSecond, spec.burst)
  const ratePerKey = rateOf(spec.keyRequestsPerSecond, spec.keyBurst)
  return {
    ...(spec.allow === undefined ? {} : { allow: spec.allow }),
    ...(spec.requireKey === true ? { keys } : spec.tokens === undefined ? {} : { keys: [] }),
    ...(spec.tokens === undefined ? {} : { tokens: tokensOf(spec.tokens, revocations, nowMs) }),
    ...(spec.forwardKey === true ? { forwardsKey: true } : {}),
    ...(spec.allowPreflight === true ? { allowsPreflight: true } : {}),
    ...(rate === null ? {} : { rate }),
    ...(ratePerKey === null ? {} : { ratePerKey }),
  }
}

function tokensOf(
  { publicKeys, requiredClaims, requestsPerSecond, burst, ...rules }: TokensSpec,
  revocations: readonly TokenRevocationRoute[],
  nowMs: number,
): TokensRoute {
  const ratePerSubject = rateOf(requestsPerSecond, burst)
  const keptMs = revocationSeconds(rules) * 1000
  const revoked = revocations.filter(({ atMs }) => nowMs < atMs + keptMs)
  return {
    ...rules,
    keys: publicKeys,
    ...(requiredClaims === undefined ? {} : { claims: requiredClaims }),
    ...(ratePerSubject === null ? {} : { ratePerSubject }),
    ...(revoked.length === 0 ? {} : { revoked }),
  }
}
