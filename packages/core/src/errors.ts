/** The closed set of error codes. Each maps to one HTTP status in `httpStatusOf`. */
export const errorCodes = [
  'INVALID_INPUT',
  'UNSUPPORTED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'CONFLICT',
  'IDEMPOTENCY_KEY_IN_USE',
  'IDEMPOTENCY_KEY_REUSED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'METHOD_NOT_ALLOWED',
  'TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'FENCED',
  'STALE_LEASE',
  'ILLEGAL_TRANSITION',
  'STANDING_BY',
  'STORAGE_DEGRADED',
  'UNAVAILABLE',
  'CURSOR_TOO_OLD',
  'KEY_MISSING',
  'INTERNAL',
] as const
export type ErrorCode = (typeof errorCodes)[number]

export interface ErrorDetails {
  /** What a person may read: names the key, the value and the fix. Defaults to the log message. */
  readonly userMessage?: string
  /** What to do next, as one sentence or a command. */
  readonly hint?: string
  /** The cause, kept for the log and never shown. */
  readonly cause?: unknown
  /** Structured context for the log; never a secret. */
  readonly context?: Readonly<Record<string, unknown>>
}

/** Marks our errors across copies of this module: a bundler may put one into each of several bundles of one process. */
const brand = Symbol.for('skykeep.error')

/** The one base of every error that this product throws on purpose. */
export class SkykeepError extends Error {
  readonly [brand] = true
  override readonly name = 'SkykeepError'
  readonly code: ErrorCode
  readonly userMessage: string
  readonly hint: string | undefined
  readonly context: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.userMessage = details.userMessage ?? message
    this.hint = details.hint
    this.context = details.context ?? {}
  }
}

/** True for an error of ours, with the given code where one is named. Use it rather than `instanceof`, which fails across bundles. */
export function isSkykeepError(error: unknown, code?: ErrorCode): error is SkykeepError {
  if (!(error instanceof Error) || !(brand in error)) return false
  return code === undefined || ('code' in error && error.code === code)
}

export const httpStatusOf = {
  INVALID_INPUT: 400,
  UNSUPPORTED: 400,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  CONFLICT: 409,
  IDEMPOTENCY_KEY_IN_USE: 409,
  IDEMPOTENCY_KEY_REUSED: 422,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  METHOD_NOT_ALLOWED: 405,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  FENCED: 503,
  STALE_LEASE: 409,
  ILLEGAL_TRANSITION: 409,
  STANDING_BY: 503,
  STORAGE_DEGRADED: 503,
  UNAVAILABLE: 503,
  CURSOR_TOO_OLD: 410,
  KEY_MISSING: 503,
  INTERNAL: 500,
} as const satisfies Record<ErrorCode, number>

/** Marks a branch that the types rule out; throws INTERNAL if it is ever reached. */
export function assertNever(value: never): never {
  throw new SkykeepError('INTERNAL', `unexpected value: ${JSON.stringify(value)}`)
}
