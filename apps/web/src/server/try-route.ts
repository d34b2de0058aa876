import { tryRequestInput } from '@skykeep/actions/requests/schemas'
import { tryRequest } from '@skykeep/actions/requests/try-request'
import { SkykeepError } from '@skykeep/core/errors'
import { triedLimits, type TriedPart } from '@skykeep/core/tried-request'
import { boundedText } from './bounded-body.ts'
import { guarded } from './guard.ts'
import { requestContext } from './request-context.ts'

/** Of a call: its body as JSON, escaped at worst, and its headers. */
const callBytesMax = 6 * triedLimits.bodyMax + 524_288

/** `POST /api/try`: sends a request to a service's own endpoint. Answers lines of JSON (`TriedPart`) as they come. */
export function handleTry(request: Request): Promise<Response> {
  return guarded(request, async () => {
    const { services, actor } = await requestContext(request, new Headers())
    if (actor === null) {
      throw new SkykeepError('UNAUTHENTICATED', 'a tried request without a session or token', {
        userMessage: 'You are not signed in.',
        hint: 'Run `skykeep login` and open its link.',
      })
    }
    const parsed = tryRequestInput.safeParse(parseJson(await boundedText(request, callBytesMax)))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const what = `${issue?.path.join('.') ?? 'input'}: ${issue?.message ?? 'invalid'}`
      throw new SkykeepError('INVALID_INPUT', what, { userMessage: `This request cannot be sent. ${what}` })
    }
    const ended = new AbortController()
    const parts = tryRequest(
      { ...services, actor },
      parsed.data,
      AbortSignal.any([request.signal, ended.signal]),
    )
    // The first part is waited for: what is refused has a status of its own.
    const first = await parts.next()
    return new Response(linesOf(first, parts, ended), {
      headers: { 'content-type': 'application/x-ndjson', 'x-accel-buffering': 'no' },
    })
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new SkykeepError('INVALID_INPUT', 'the body of a tried request is no JSON', { cause })
  }
}

function linesOf(
  first: IteratorResult<TriedPart>,
  parts: AsyncGenerator<TriedPart>,
  ended: AbortController,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let next = first
  return new ReadableStream({
    async pull(controller) {
      if (next.done === true) return controller.close()
      controller.enqueue(encoder.encode(`${JSON.stringify(next.value)}\n`))
      next = await parts.next()
      if (next.done === true) controller.close()
    },
    cancel: () => ended.abort(),
  })
}
