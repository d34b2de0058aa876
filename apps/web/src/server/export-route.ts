import { exportEvents } from '@skykeep/actions/events/export-events'
import { exportEventsInput } from '@skykeep/actions/events/schemas'
import { credentialsOf, identify } from '@skykeep/auth/identify'
import { SkykeepError } from '@skykeep/core/errors'
import { guarded } from './guard.ts'
import { plane } from './plane.ts'

const numbers = new Set(['fromMs', 'untilMs'])
const lists = new Set(['type'])
const types = { jsonl: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const

/** `GET /api/exports/events?format=jsonl|csv&…`: the event log with the filters of its list, streamed. */
export function handleEventExport(request: Request): Promise<Response> {
  return guarded(request, async () => {
    const { services, auth } = await plane()
    const actor = await identify(auth, credentialsOf(request.headers))
    if (actor === null) {
      throw new SkykeepError('UNAUTHENTICATED', 'export without a session or token', {
        userMessage: 'You are not signed in.',
        hint: 'Run `skykeep login` and open its link.',
      })
    }
    const input = wishOf(new URL(request.url).searchParams)
    const pieces = exportEvents({ ...services, actor }, input)
    return new Response(bytesOf(pieces, request.signal), {
      headers: {
        'content-type': types[input.format],
        'content-disposition': `attachment; filename="skykeep-events.${input.format}"`,
      },
    })
  })
}

function wishOf(params: URLSearchParams): ReturnType<typeof exportEventsInput.parse> {
  const fields = Object.fromEntries(
    [...params].map(([key, value]) => [
      key,
      numbers.has(key) ? Number(value) : lists.has(key) ? value.split(',') : value,
    ]),
  )
  const parsed = exportEventsInput.strict().safeParse(fields)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const key = issue?.path.join('.') ?? ''
  throw new SkykeepError('INVALID_INPUT', `export: ${parsed.error.message}`, {
    userMessage: `The export's ${key === '' ? 'fields are' : `${key} is`} wrong: ${issue?.message ?? 'not understood'}.`,
    hint: 'Give format=jsonl or format=csv, and the filters of the list of events.',
  })
}

/** One piece is read each time that the reader has taken the last: a slow one costs no memory. */
function bytesOf(pieces: AsyncGenerator<string>, signal: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const next = signal.aborted ? await pieces.return(undefined) : await pieces.next()
      if (next.done === true) controller.close()
      else controller.enqueue(encoder.encode(next.value))
    },
    async cancel() {
      await pieces.return(undefined)
    },
  })
}
