import type { DocumentTruth } from './document-truth.ts'

export interface Answered {
  readonly status: number
  readonly type: string
  readonly text: string
}

export interface Question {
  readonly origin: string
  readonly token: string
  readonly truth: DocumentTruth
  readonly name: string
  /** Each goes where the document puts it; those that it does not name are left out. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** Calls an operation as a client does that knows the document only. Of a stream: its first messages. */
export async function askOperation({ origin, token, truth, name, fields }: Question): Promise<Answered> {
  const { method, path, operation } = truth.operation(name)
  const body = operation.requestBody?.content['application/json']?.schema.properties
  const query = new URLSearchParams()
  for (const parameter of operation.parameters)
    if (parameter.in === 'query' && parameter.name in fields)
      query.set(parameter.name, String(fields[parameter.name]))
  const target = path.replaceAll(/\{(\w+)\}/g, (_, field: string) =>
    encodeURIComponent(String(fields[field])),
  )
  const sent = body && Object.fromEntries(Object.entries(fields).filter(([field]) => field in body))
  const response = await fetch(`${origin}/api/v1${target}${query.size === 0 ? '' : `?${query}`}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      ...(name === 'watch.events' ? { 'last-event-id': '0' } : {}),
    },
    ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
  })
  const type = response.headers.get('content-type') ?? ''
  const isStream = type.startsWith('text/event-stream')
  const text = isStream
    ? await firstMessages(response, name === 'watch.events' ? 20 : 0)
    : await response.text()
  return { status: response.status, type, text }
}

/** What a stream says until it has said so many messages, or ends. */
async function firstMessages(response: Response, count: number): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true })
    if (text.split('\ndata: ').length > count) break
  }
  return text
}
