import { breaksLines, fieldName } from './field-grammar.ts'

/** What an HTTP/2 request becomes before it is read, as every other, by the strict reader of HTTP/1.1. */
export interface RequestText {
  /** Request line and fields, up to and with the empty line; '' when `fault` says what is wrong with it. */
  readonly text: string
  readonly fault: string
  /** Its body has no stated length: it goes on in chunks. */
  readonly isChunked: boolean
}

/** Fields that belong to a connection: HTTP/2 has none, and a request with one is malformed (RFC 9113 §8.2.2). */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])
/** In the request line a space would begin another part, too. */
const breaksWords = /[\s\0]/

/**
 * Writes an HTTP/2 request as one of HTTP/1.1 that ends its connection. Nothing that its reader could take for the end of a line comes
 * through; all other rules of a head are that reader's. Pure.
 * @param raw name, value, name, value …, as they were received.
 * @param hasBody False when the fields came with END_STREAM.
 */
export function requestTextOf(raw: readonly string[], hasBody: boolean): RequestText {
  const pseudo = new Map<string, string>()
  const cookies: string[] = []
  let host: string | null = null
  let hasLength = false
  let fields = ''
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const value = raw[at + 1] ?? ''
    const fault = faultOf(name, value)
    if (fault !== '') return malformed(fault)
    if (name.startsWith(':')) {
      if (pseudo.has(name)) return malformed(`two ${name} fields`)
      pseudo.set(name, value)
      continue
    }
    // It is about this connection only (RFC 9110 §10.1.4).
    if (name === 'te') continue
    if (name === 'cookie') cookies.push(value)
    else if (name === 'host') {
      if (host !== null) return malformed('two Host fields')
      host = value
    } else {
      if (name === 'content-length') hasLength = true
      fields += `${name}: ${value}\r\n`
    }
  }
  const line = requestLineOf(pseudo)
  if (line === null) return malformed('a request without :method, :scheme or :path')
  const authority = pseudo.get(':authority') ?? host
  if (authority === null) return malformed('a request without :authority or Host')
  if (host !== null && host !== authority) return malformed('a Host that is not the :authority')
  // One field again, however many parts it was sent in (RFC 9113 §8.2.3).
  if (cookies.length > 0) fields += `cookie: ${cookies.join('; ')}\r\n`
  const isChunked = hasBody && !hasLength
  if (isChunked) fields += 'transfer-encoding: chunked\r\n'
  return {
    text: `${line}\r\nhost: ${authority}\r\n${fields}connection: close\r\n\r\n`,
    fault: '',
    isChunked,
  }
}

/** What is wrong with one field by itself; '' when nothing is. */
function faultOf(name: string, value: string): string {
  if (breaksLines.test(value)) return 'a line break or NUL in a field'
  if (name.startsWith(':')) return ''
  if (!fieldName.test(name)) return 'a bad field name'
  if (ofConnection.has(name)) return `${name}, which HTTP/2 does not have`
  return name === 'te' && value.trim().toLowerCase() !== 'trailers' ? 'TE other than trailers' : ''
}

/** Null when a part is missing, or would be read as two. */
function requestLineOf(pseudo: ReadonlyMap<string, string>): string | null {
  const method = pseudo.get(':method') ?? ''
  // A tunnel names only where to (RFC 9113 §8.5): the reader refuses it as any other CONNECT.
  const target = method === 'CONNECT' ? (pseudo.get(':authority') ?? '') : (pseudo.get(':path') ?? '')
  const scheme = method === 'CONNECT' ? 'https' : (pseudo.get(':scheme') ?? '')
  if (scheme !== 'https' && scheme !== 'http') return null
  if (method === '' || target === '' || breaksWords.test(method) || breaksWords.test(target)) return null
  return `${method} ${target} HTTP/1.1`
}

function malformed(fault: string): RequestText {
  return { text: '', fault, isChunked: false }
}
