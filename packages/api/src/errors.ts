import { TRPCError, type TRPC_ERROR_CODE_KEY } from '@trpc/server'
import { isSkykeepError, type ErrorCode } from '@skykeep/core/errors'
import type { SpecProblemView } from '@skykeep/core/views'
import { InvalidSpecError } from '@skykeep/actions/services/invalid-spec-error'

/** What a client may read of an error: `error.data.skykeep`. */
export interface ShownError {
  readonly code: ErrorCode
  readonly userMessage: string
  readonly hint: string | null
  /** Findings in a YAML, where that is what is wrong. */
  readonly problems: readonly SpecProblemView[]
}

const trpcCodeOf = {
  INVALID_INPUT: 'BAD_REQUEST',
  UNSUPPORTED: 'BAD_REQUEST',
  NOT_FOUND: 'NOT_FOUND',
  ALREADY_EXISTS: 'CONFLICT',
  CONFLICT: 'CONFLICT',
  IDEMPOTENCY_KEY_IN_USE: 'CONFLICT',
  IDEMPOTENCY_KEY_REUSED: 'UNPROCESSABLE_CONTENT',
  UNAUTHENTICATED: 'UNAUTHORIZED',
  FORBIDDEN: 'FORBIDDEN',
  METHOD_NOT_ALLOWED: 'METHOD_NOT_SUPPORTED',
  TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FENCED: 'SERVICE_UNAVAILABLE',
  STALE_LEASE: 'CONFLICT',
  ILLEGAL_TRANSITION: 'CONFLICT',
  STANDING_BY: 'SERVICE_UNAVAILABLE',
  STORAGE_DEGRADED: 'SERVICE_UNAVAILABLE',
  UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  CURSOR_TOO_OLD: 'PRECONDITION_FAILED',
  KEY_MISSING: 'SERVICE_UNAVAILABLE',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<ErrorCode, TRPC_ERROR_CODE_KEY>

const codeOfTrpc: Partial<Record<TRPC_ERROR_CODE_KEY, ErrorCode>> = {
  BAD_REQUEST: 'INVALID_INPUT',
  PARSE_ERROR: 'INVALID_INPUT',
  NOT_FOUND: 'NOT_FOUND',
  UNAUTHORIZED: 'UNAUTHENTICATED',
  FORBIDDEN: 'FORBIDDEN',
  METHOD_NOT_SUPPORTED: 'METHOD_NOT_ALLOWED',
  PAYLOAD_TOO_LARGE: 'TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
}

/** The tRPC error of any thrown value. What is not ours becomes INTERNAL with neither its text nor its stack. */
export function toTrpcError(error: unknown): TRPCError {
  if (error instanceof TRPCError && !isSkykeepError(error.cause) && error.code !== 'INTERNAL_SERVER_ERROR')
    return error
  const cause = error instanceof TRPCError ? error.cause : error
  if (!isSkykeepError(cause))
    return new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: internalMessage, cause })
  return new TRPCError({ code: trpcCodeOf[cause.code], message: shownErrorOf(cause).userMessage, cause })
}

/** What of a thrown value a person may read; pure. */
export function shownErrorOf(error: unknown): ShownError {
  const cause = error instanceof TRPCError && isSkykeepError(error.cause) ? error.cause : error
  if (isSkykeepError(cause) && cause.code !== 'INTERNAL') {
    return {
      code: cause.code,
      userMessage: cause.userMessage,
      hint: cause.hint ?? null,
      problems: cause instanceof InvalidSpecError ? cause.problems : [],
    }
  }
  const code = cause instanceof TRPCError ? codeOfTrpc[cause.code] : undefined
  if (code !== undefined && cause instanceof TRPCError) {
    return { code, userMessage: cause.message, hint: null, problems: [] }
  }
  return { code: 'INTERNAL', userMessage: internalMessage, hint: internalHint, problems: [] }
}

const internalMessage = 'Something went wrong inside Skykeep.'
const internalHint = 'Look into the log of the web process (`skykeep state where` names the folder).'
