import type {
  AccessRate,
  ServiceAccessView,
  ServiceKeyView,
  TokenRulesView,
} from '@skykeep/core/service-key-views'
import { plural } from '#src/format/quantity.ts'
import type { keyVisuals } from '#src/status/visuals.ts'

/** `20 requests a second, 40 at once after a pause`; without a limit: `No limit`. Pure. */
export function rateText(rate: AccessRate | null): string {
  if (rate === null) return 'No limit'
  const { requestsPerSecond, burst } = rate
  return `${requestsPerSecond} ${requestsPerSecond === 1 ? 'request' : 'requests'} a second, ${burst} at once after a pause`
}

/** What a request must show, as one sentence. Pure. */
export function credentialText({ isKeyRequired, tokens }: ServiceAccessView): string {
  if (tokens === null) return isKeyRequired ? 'A key of the service' : 'Nothing'
  return isKeyRequired ? 'A key of the service, or a signed token' : 'A signed token'
}

/** The public keys of a service's tokens: `main (EdDSA), without a name (ES256)`. Pure. */
export function signersText({ keys }: TokenRulesView): string {
  return keys.map(({ kid, alg }) => `${kid ?? 'without a name'} (${alg})`).join(', ')
}

/** `1 day`, `90 minutes`: the longest life of a token. Pure. */
export function lifetimeText(seconds: number): string {
  const day = 86_400
  if (seconds % day === 0) return plural(seconds / day, 'day')
  return seconds % 3600 === 0 ? plural(seconds / 3600, 'hour') : plural(Math.round(seconds / 60), 'minute')
}

/** @param nowMs wall time. Pure. */
export function keyStateOf(
  { revokedAtMs, expiresAtMs }: ServiceKeyView,
  nowMs: number,
): keyof typeof keyVisuals {
  if (revokedAtMs !== null) return 'revoked'
  return expiresAtMs !== null && expiresAtMs <= nowMs ? 'expired' : 'holds'
}
