type HeaderRecord = Readonly<Record<string, string>>

/** 200 with this JSON; null: without a body. */
export function json(text: string | null, headers: HeaderRecord = {}): Response {
  return new Response(text, { headers: { 'content-type': 'application/json', ...headers } })
}

/** The answer to what changed something: 204 for nothing. */
export function written(value: unknown): Response {
  return writtenText(value === undefined ? null : JSON.stringify(value))
}

/** The same of what is JSON already; null: nothing. */
export function writtenText(text: string | null, headers: HeaderRecord = {}): Response {
  return text === null ? new Response(null, { status: 204, headers }) : json(text, headers)
}
