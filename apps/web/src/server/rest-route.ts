import { handleRest } from '@skykeep/api/rest/handle-rest'
import { problemOf, problemResponse } from '@skykeep/api/rest/problem'
import { boundedText } from './bounded-body.ts'
import { bodyStream } from './body-stream.ts'
import { guarded } from './guard.ts'
import { logLine } from './process-log.ts'
import { callBytesMax, requestContext } from './request-context.ts'

/** Everything beneath `/api/v1`: the procedures of the tRPC endpoint, by method and path. */
export function handleRestRequest(request: Request): Promise<Response> {
  return guarded(
    request,
    async () => {
      const headers = new Headers()
      const response = await handleRest({
        request,
        context: () => requestContext(request, headers),
        readBody: () => boundedText(request, callBytesMax),
        body: () => bodyStream(request),
        onInternal: (error, procedure) => logLine('error', `REST ${procedure} failed`, error),
      })
      for (const [name, value] of headers) response.headers.append(name, value)
      return response
    },
    { refused: (error) => problemResponse(problemOf(error)) },
  )
}
