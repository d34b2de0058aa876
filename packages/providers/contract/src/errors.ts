/** The closed set of things that go wrong at an infra. Nothing else leaves a provider. */
export const providerErrorKinds = [
  'capacity',
  'quota',
  'credentials',
  'rate-limit',
  'invalid',
  'not-found',
  'transient',
] as const
export type ProviderErrorKind = (typeof providerErrorKinds)[number]

/** How far a failure reaches: what placement blocks before it asks again. */
export type ErrorScope = 'zone' | 'region' | 'infra'

export interface ProviderErrorDetails {
  /** Defaults to `infra`. */
  readonly scope?: ErrorScope
  /** Defaults to true for rate-limit and transient only: the same call may succeed unchanged. */
  readonly isRetryable?: boolean
  /** Milliseconds after which the infra asked to be called again, where it said so. */
  readonly retryAfterMs?: number
  /** What to do next, for a person. */
  readonly hint?: string
  readonly cause?: unknown
}

const retryableKinds: ReadonlySet<ProviderErrorKind> = new Set(['rate-limit', 'transient'])

/** The one error of a provider or a runner; controllers switch on `kind`. The message is safe to show. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly kind: ProviderErrorKind
  readonly scope: ErrorScope
  readonly isRetryable: boolean
  readonly retryAfterMs: number | undefined
  readonly hint: string | undefined

  constructor(kind: ProviderErrorKind, message: string, details: ProviderErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = kind
    this.scope = details.scope ?? 'infra'
    this.isRetryable = details.isRetryable ?? retryableKinds.has(kind)
    this.retryAfterMs = details.retryAfterMs
    this.hint = details.hint
  }
}

/** True for an error of the taxonomy, of the given kind where one is named. */
export function isProviderError(error: unknown, kind?: ProviderErrorKind): error is ProviderError {
  return error instanceof ProviderError && (kind === undefined || error.kind === kind)
}
