import { isTrackedEnvelope } from '@trpc/server'
import type { RestStream, ServerEvent } from './declaration.ts'
import { problemOf, type Problem } from './problem.ts'

/** A comment at least this often, so that a client and what stands between know that somebody is there. */
const heartbeatMs = 10_000
/** What fails at once is answered with its own status rather than inside a stream. */
const patienceMs = 1_000

export interface StreamedRequest {
  /** The subscription, opened with a signal of ours. */
  readonly open: (signal: AbortSignal) => Promise<AsyncIterable<unknown>>
  readonly stream: RestStream | undefined
  /** Aborted when the client goes. */
  readonly signal: AbortSignal
  readonly onProblem: (error: unknown, problem: Problem) => void
}

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // A proxy that buffers would hold events back.
  'x-accel-buffering': 'no',
}

/** A subscription as server-sent events (WHATWG HTML §9.2). What it throws at once is thrown here; later, it is one `error` event and the end. */
export async function eventStream(request: StreamedRequest): Promise<Response> {
  const gone = new AbortController()
  const signal = AbortSignal.any([gone.signal, request.signal])
  const opened = await request.open(signal)
  const messages = opened[Symbol.asyncIterator]()
  const first = messages.next()
  // Judged once the stream reads it.
  first.catch(() => undefined)
  await Promise.race([first, untilPatienceEnds()])
  const encoder = new TextEncoder()
  const beat = encoder.encode(': here\n\n')
  let timer: NodeJS.Timeout | undefined
  let next: Promise<IteratorResult<unknown>> | null = first
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(beat)
      timer = setInterval(() => (controller.desiredSize ?? 0) > 0 && controller.enqueue(beat), heartbeatMs)
    },
    // Called when the client has room: a slow one holds its stream back and nothing piles up here.
    pull: async (controller) => {
      const text = await textOf(next ?? messages.next(), request)
      next = null
      if (gone.signal.aborted) return
      if (text.frames !== '') controller.enqueue(encoder.encode(text.frames))
      if (!text.isEnded) return
      clearInterval(timer)
      controller.close()
    },
    cancel: () => {
      clearInterval(timer)
      gone.abort()
    },
  })
  return new Response(body, { headers })
}

/** Every message has at least one frame, else a stream would wait for a pull that never comes. */
async function textOf(
  coming: Promise<IteratorResult<unknown>>,
  { stream, onProblem }: StreamedRequest,
): Promise<{ readonly frames: string; readonly isEnded: boolean }> {
  try {
    const result = await coming
    if (result.done === true) return { frames: '', isEnded: true }
    return { frames: eventsOf(result.value, stream).map(frameOf).join(''), isEnded: false }
  } catch (error) {
    const problem = problemOf(error)
    onProblem(error, problem)
    return { frames: frameOf({ id: '', event: 'error', data: problem }), isEnded: true }
  }
}

function untilPatienceEnds(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, patienceMs).unref()
  })
}

function eventsOf(value: unknown, stream: RestStream | undefined): readonly ServerEvent[] {
  if (!isTrackedEnvelope(value)) return [{ id: '', data: value }]
  const [id, data] = value
  return stream?.eventsOf(data, id) ?? [{ id, data }]
}

/** JSON has no line break of its own, so that the data is one line. */
function frameOf({ id, event, data }: ServerEvent): string {
  const lines = [
    ...(id === '' ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(data === undefined ? [] : [`data: ${JSON.stringify(data)}`]),
  ]
  return `${lines.join('\n')}\n\n`
}
