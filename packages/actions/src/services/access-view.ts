import type { ServiceAccessView, TokenRulesView } from '@skykeep/core/service-key-views'
import { rateOf, type AccessSpec, type TokensSpec } from '@skykeep/core/service-spec'

/** What `service.load_balancer.access` comes to. Pure. */
export function accessViewOf(spec: AccessSpec | undefined): ServiceAccessView | null {
  if (spec === undefined) return null
  return {
    allow: spec.allow ?? null,
    isKeyRequired: spec.requireKey === true,
    isCredentialForwarded: spec.forwardKey === true,
    isPreflightAllowed: spec.allowPreflight === true,
    rate: rateOf(spec.requestsPerSecond, spec.burst),
    ratePerKey: rateOf(spec.keyRequestsPerSecond, spec.keyBurst),
    tokens: spec.tokens === undefined ? null : tokenRulesOf(spec.tokens),
  }
}

function tokenRulesOf(spec: TokensSpec): TokenRulesView {
  return {
    keys: spec.publicKeys.map(({ kid, alg }) => ({ kid: kid ?? null, alg })),
    issuer: spec.issuer ?? null,
    audience: spec.audience ?? null,
    leewaySeconds: spec.leewaySeconds,
    maxLifetimeSeconds: spec.maxLifetimeSeconds,
    requiredClaims: spec.requiredClaims ?? {},
    subjectHeader: spec.subjectHeader ?? null,
    ratePerSubject: rateOf(spec.requestsPerSecond, spec.burst),
  }
}
