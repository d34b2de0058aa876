import { EventSource } from 'eventsource'
import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
  type TRPCClient,
} from '@trpc/client'
import superjson from 'superjson'
import { errorCodes, SkykeepError, type ErrorCode } from '@skykeep/core/errors'
import type { AppRouter } from '@skykeep/api/router'

export type Api = TRPCClient<AppRouter>

/** Address of a plane, such as `http://127.0.0.1:46580`. */
export interface Connection {
  url: string
}

/** A typed client of the plane that the connection names at the time of each request. */
export function openApi(connection: Connection, token: string): Api {
  const authorization = `Bearer ${token}`
  const url = connection.url
  const ask: typeof fetch = (input, init) =>
    fetch(typeof input === 'string' ? input.replace(url, connection.url) : input, init)
  const AuthorizedEventSource = class extends EventSource {
    constructor(address: string | URL) {
      super(address, {
        fetch: (input, init) => ask(String(input), { ...init, headers: { ...init.headers, authorization } }),
      })
    }
  }
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({
          url: `${url}/api/trpc`,
          transformer: superjson,
          EventSource: AuthorizedEventSource,
        }),
        false: httpBatchLink({
          url: `${url}/api/trpc`,
          transformer: superjson,
          headers: { authorization },
          fetch: (input, init) => ask(String(input), { ...init, signal: init?.signal ?? null }),
        }),
      }),
    ],
  })
}

interface ShownError {
  readonly code?: unknown
  readonly userMessage?: unknown
  readonly hint?: unknown
  readonly problems?: unknown
}

/** The server's own error again, with its code, its words for a person and what to do next. */
export function errorOf(error: unknown): unknown {
  if (!(error instanceof TRPCClientError)) return error
  // The formatter of `@skykeep/api/trpc` puts this there; every field is checked before use.
  const shown = (error.data as { skykeep?: ShownError } | null | undefined)?.skykeep
  if (shown === undefined) {
    return new SkykeepError('UNAVAILABLE', 'the control plane did not answer', {
      hint: 'See `skykeep system status`; services go on serving meanwhile.',
      cause: error,
    })
  }
  return shownError(shown, error.message)
}

/** An error that the server sent in its own form; null where the answer is something else. */
export function errorInAnswer(answer: unknown): SkykeepError | null {
  if (typeof answer !== 'object' || answer === null || !('userMessage' in answer)) return null
  return shownError(answer, 'the control plane refused')
}

function shownError(shown: ShownError, otherwise: string): SkykeepError {
  const code: ErrorCode = errorCodes.find((known) => known === shown.code) ?? 'INTERNAL'
  return new SkykeepError(code, typeof shown.userMessage === 'string' ? shown.userMessage : otherwise, {
    ...(typeof shown.hint === 'string' ? { hint: shown.hint } : {}),
    context: { problems: shown.problems },
  })
}
