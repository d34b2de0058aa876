import { TRPCClientError } from '@trpc/client'
import { errorCodes, type ErrorCode } from '@skykeep/core/errors'

/** An error as a person reads it: what happened and what to do next. */
export interface Problem {
  readonly code: ErrorCode | 'UNREACHABLE'
  readonly what: string
  readonly hint: string | null
}

const unreachable: Problem = {
  code: 'UNREACHABLE',
  what: 'The control plane does not answer.',
  hint: 'Services go on being served. This page comes back by itself; if it does not, run `npx skykeep up`.',
}

/** The problem in any thrown value; what no server of ours said is `UNREACHABLE`. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof TRPCClientError)) return unreachable
  // The server's error formatter fills `data.skykeep`; a proxy or a dead server does not, so every field is checked.
  const shown: unknown = Reflect.get(Object(error.data), 'skykeep')
  return readProblem(shown) ?? unreachable
}

/** Reads `{code, userMessage, hint}` as the servers of this product send it; undefined when it is not that. */
export function readProblem(shown: unknown): Problem | undefined {
  const fields = Object(shown)
  const code = errorCodes.find((known) => known === Reflect.get(fields, 'code'))
  const what: unknown = Reflect.get(fields, 'userMessage')
  const hint: unknown = Reflect.get(fields, 'hint')
  if (code === undefined || typeof what !== 'string') return undefined
  return { code, what, hint: typeof hint === 'string' ? hint : null }
}

/** True when asking again may help without anybody doing anything. */
export function isWorthRetrying(error: unknown): boolean {
  return ['UNREACHABLE', 'UNAVAILABLE', 'STORAGE_DEGRADED', 'INTERNAL'].includes(problemOf(error).code)
}
