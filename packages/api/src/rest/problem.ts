import { ZodError } from 'zod'
import { httpStatusOf, SkykeepError, type ErrorCode } from '@skykeep/core/errors'
import type { SpecProblemView } from '@skykeep/core/views'
import { shownErrorOf } from '../errors.ts'
import { shownValue } from './shown-value.ts'

/** What is wrong with one field of a request. */
export interface FieldProblem {
  /** `schedule.offHours.0.from` */
  readonly key: string
  /** As it was sent, as JSON, cut short; null: absent, or not to be shown. */
  readonly value: string | null
  readonly fix: string
}

/** The body of every answer that is an error: RFC 9457, with `code`, `hint`, `fields` and `problems` beside. */
export interface Problem {
  readonly type: string
  /** The same for every problem of this code. */
  readonly title: string
  readonly status: number
  /** What is wrong, for a person. */
  readonly detail: string
  readonly code: ErrorCode
  /** What to do next; null where nothing is to be done. */
  readonly hint: string | null
  /** What is wrong with which field. */
  readonly fields: readonly FieldProblem[]
  /** Findings in a YAML, where that is what is wrong. */
  readonly problems: readonly SpecProblemView[]
}

/** What each code means, the same wherever it stands. */
export const problemTitles = {
  INVALID_INPUT: 'The request is not valid',
  UNSUPPORTED: 'This is not supported',
  NOT_FOUND: 'There is no such thing',
  ALREADY_EXISTS: 'There is one of that name already',
  CONFLICT: 'The request does not fit the present state',
  IDEMPOTENCY_KEY_IN_USE: 'A request with this key is under way',
  IDEMPOTENCY_KEY_REUSED: 'This key was sent with another request',
  UNAUTHENTICATED: 'Nobody is signed in',
  FORBIDDEN: 'The role does not allow this',
  METHOD_NOT_ALLOWED: 'The path has no such method',
  TOO_LARGE: 'The body is too long',
  UNSUPPORTED_MEDIA_TYPE: 'The body has a type that is not read',
  FENCED: 'Another control plane took over',
  STALE_LEASE: 'The work was taken over',
  ILLEGAL_TRANSITION: 'The state does not allow this',
  STANDING_BY: 'This control plane stands by',
  STORAGE_DEGRADED: 'The storage takes no write',
  UNAVAILABLE: 'The control plane cannot answer now',
  CURSOR_TOO_OLD: 'What the cursor points to is no longer kept',
  KEY_MISSING: 'The master key is missing',
  INTERNAL: 'Something went wrong inside Skykeep',
} as const satisfies Record<ErrorCode, string>

/** An input that is refused for single fields. */
export class FieldsError extends SkykeepError {
  readonly fields: readonly FieldProblem[]

  constructor(fields: readonly FieldProblem[], hint?: string) {
    const text = fields.map(({ key, fix }) => `${key}: ${fix}`).join('; ')
    super('INVALID_INPUT', text, hint === undefined ? {} : { hint })
    this.fields = fields
  }
}

/** The problem that a person may read of any thrown value; `input` is what the request sent. */
export function problemOf(error: unknown, input: unknown = undefined): Problem {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const fields = fieldsOf(cause, input)
  const { code, userMessage, hint, problems } = shownErrorOf(error)
  const isZod = cause instanceof ZodError
  return {
    type: `urn:skykeep:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: problemTitles[code],
    status: httpStatusOf[code],
    detail: isZod ? fields.map(({ key, fix }) => `${key}: ${fix}`).join('; ') : userMessage,
    code,
    hint: hint ?? (isZod ? 'See the fields of this path in /api/v1/openapi.json.' : null),
    fields,
    problems,
  }
}

function fieldsOf(cause: unknown, input: unknown): readonly FieldProblem[] {
  if (cause instanceof FieldsError) return cause.fields
  if (!(cause instanceof ZodError)) return []
  return cause.issues.map(({ path, message }) => ({
    key: path.map(String).join('.') || 'input',
    value: shownValue(path, input),
    fix: message,
  }))
}

/** The answer to a request that failed. */
export function problemResponse(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...headers,
    },
  })
}
