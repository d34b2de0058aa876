/** A response head for HTTP/2: name, value, name, value …, `:status` first. */
export interface ResponseFields {
  readonly status: number
  readonly raw: readonly string[]
  /** The body comes in chunks, so that trailers may follow it. */
  readonly isChunked: boolean
}

/** Fields of a connection, which an HTTP/2 response must not have (RFC 9113 §8.2.2). */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
])

/** Reads a head that the relay forwards: a status line and well-formed fields, each on one line. Pure. */
export function responseFieldsOf(head: string): ResponseFields {
  const status = head.slice(9, 12)
  const raw = [':status', status]
  let isChunked = false
  let at = head.indexOf('\r\n') + 2
  for (let end = head.indexOf('\r\n', at); end > at; end = head.indexOf('\r\n', at)) {
    const colon = head.indexOf(':', at)
    const name = head.slice(at, colon).toLowerCase()
    if (name === 'transfer-encoding') isChunked = true
    if (!ofConnection.has(name)) raw.push(name, head.slice(colon + 1, end).trim())
    at = end + 2
  }
  return { status: Number(status), raw, isChunked }
}
