import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { toTrpcError } from '@skykeep/api/errors'
import { appRouter } from '@skykeep/api/router'
import { isSkykeepError } from '@skykeep/core/errors'
import { boundedText } from './bounded-body.ts'
import { guarded } from './guard.ts'
import { logLine } from './process-log.ts'
import { callBytesMax, requestContext } from './request-context.ts'

/** The tRPC endpoint: who asks is known by bearer token, or by session cookie with its origin proof. */
export function handleTrpc(request: Request): Promise<Response> {
  return guarded(request, async () =>
    fetchRequestHandler({
      endpoint: '/api/trpc',
      req: await bounded(request),
      router: appRouter,
      // Outside of every procedure's middleware: what refuses the credentials keeps its status and its words.
      createContext: ({ resHeaders }) =>
        requestContext(request, resHeaders).catch((error: unknown) => {
          throw toTrpcError(error)
        }),
      onError: ({ error, path }) => {
        const cause = error.cause ?? error
        if (!isSkykeepError(cause) && error.code === 'INTERNAL_SERVER_ERROR') {
          logLine('error', `tRPC ${path ?? ''} failed`, cause)
        }
      },
    }),
  )
}

/** The same request with a body that was read within the limit. */
async function bounded(request: Request): Promise<Request> {
  if (request.body === null) return request
  const { url, method, headers, signal } = request
  return new Request(url, { method, headers, signal, body: await boundedText(request, callBytesMax) })
}
