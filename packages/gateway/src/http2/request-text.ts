import { breaksLines, fieldName } from './field-grammar.ts'
import { newWebSocketKey } from './web-socket.ts'

/** What an HTTP/2 request becomes before it is read, as every other, by the strict reader of HTTP/1.1. */
export interface RequestText {
  /** Request line and fields, up to and with the empty line; '' when `fault` says what is wrong with it. */
  readonly text: string
  readonly fault: string
  /** HTTP status for a fault. */
  readonly status: 400 | 501
  /** Its body has no stated length: it goes on in chunks. */
  readonly isChunked: boolean
  /** It opens a WebSocket, with this Sec-WebSocket-Key; '' for every other request. */
  readonly webSocketKey: string
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
/**
 * What says nothing to the replica: TE is about this connection only (RFC 9110 §10.1.4), and to a WebSocket over HTTP/2 a key means nothing
 * (RFC 8441 §5): the upgrade has one of the gateway's.
 */
const ofHop: ReadonlySet<string> = new Set(['te', 'sec-websocket-key'])
/** In the request line a space would begin another part, too. */
const breaksWords = /[\s\0]/

/**
 * Writes an HTTP/2 request as one of HTTP/1.1 that ends its connection, and an extended CONNECT to a WebSocket (RFC 8441 §5) as its upgrade
 * (RFC 6455 §4.1). Nothing that its reader could take for the end of a line comes through; all other rules of a head are that reader's.
 * @param raw name, value, name, value …, as they were received.
 * @param hasBody False when the fields came with END_STREAM.
 * @param newKey makes the key of a WebSocket.
 */
export function requestTextOf(
  raw: readonly string[],
  hasBody: boolean,
  newKey: () => string = newWebSocketKey,
): RequestText {
  const parts = partsOf(raw)
  if (typeof parts === 'string') return malformed(parts)
  const { pseudo, host, hasLength } = parts
  const line = requestLineOf(pseudo)
  if (line === null) return malformed('a request without :method, :scheme or :path')
  const authority = pseudo.get(':authority') ?? host
  if (authority === null) return malformed('a request without :authority or Host')
  if (host !== null && host !== authority) return malformed('a Host that is not the :authority')
  const head = `${line}\r\nhost: ${authority}\r\n${parts.lines}`
  const protocol = pseudo.get(':protocol')
  if (protocol === undefined) {
    const isChunked = hasBody && !hasLength
    const framing = isChunked ? 'transfer-encoding: chunked\r\n' : ''
    return { ...readable, text: `${head}${framing}connection: close\r\n\r\n`, isChunked }
  }
  if (protocol !== 'websocket') return malformed('a protocol other than websocket', 501)
  if (hasLength) return malformed('a WebSocket with a length')
  const key = newKey()
  const upgrade = `connection: upgrade, close\r\nupgrade: websocket\r\nsec-websocket-key: ${key}\r\n`
  return { ...readable, text: `${head}${upgrade}\r\n`, webSocketKey: key }
}

const readable = { fault: '', status: 400, isChunked: false, webSocketKey: '' } as const

function malformed(fault: string, status: 400 | 501 = 400): RequestText {
  return { text: '', fault, status, isChunked: false, webSocketKey: '' }
}

/** The fields of a request, each well formed by itself. */
interface RequestParts {
  readonly pseudo: ReadonlyMap<string, string>
  readonly host: string | null
  readonly hasLength: boolean
  /** All others, each on a line. */
  readonly lines: string
}

/** @returns a text: what is wrong with them. */
function partsOf(raw: readonly string[]): RequestParts | string {
  const pseudo = new Map<string, string>()
  const cookies: string[] = []
  let host: string | null = null
  let hasLength = false
  let lines = ''
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const value = raw[at + 1] ?? ''
    const fault = faultOf(name, value)
    if (fault !== '') return fault
    if (name.startsWith(':')) {
      if (pseudo.has(name)) return `two ${name} fields`
      pseudo.set(name, value)
    } else if (name === 'cookie') cookies.push(value)
    else if (name === 'host') {
      if (host !== null) return 'two Host fields'
      host = value
    } else if (!ofHop.has(name)) {
      if (name === 'content-length') hasLength = true
      lines += `${name}: ${value}\r\n`
    }
  }
  // One field again, however many parts it was sent in (RFC 9113 §8.2.3).
  if (cookies.length > 0) lines += `cookie: ${cookies.join('; ')}\r\n`
  return { pseudo, host, hasLength, lines }
}

/** What is wrong with one field by itself; '' when nothing is. */
function faultOf(name: string, value: string): string {
  if (breaksLines.test(value)) return 'a line break or NUL in a field'
  if (name.startsWith(':')) return ''
  if (!fieldName.test(name)) return 'a bad field name'
  if (ofConnection.has(name)) return `${name}, which HTTP/2 does not have`
  return name === 'te' && value.trim().toLowerCase() !== 'trailers' ? 'TE other than trailers' : ''
}

/** Null when a part is missing, or would be read as two, or when a :protocol goes with another method than CONNECT (RFC 8441 §4). */
function requestLineOf(pseudo: ReadonlyMap<string, string>): string | null {
  const isExtended = pseudo.has(':protocol')
  if (isExtended && pseudo.get(':method') !== 'CONNECT') return null
  const method = isExtended ? 'GET' : (pseudo.get(':method') ?? '')
  // A tunnel names only where to (RFC 9113 §8.5): the reader refuses it as any other CONNECT.
  const target = method === 'CONNECT' ? (pseudo.get(':authority') ?? '') : (pseudo.get(':path') ?? '')
  const scheme = method === 'CONNECT' ? 'https' : (pseudo.get(':scheme') ?? '')
  if (scheme !== 'https' && scheme !== 'http') return null
  if (method === '' || target === '' || breaksWords.test(method) || breaksWords.test(target)) return null
  return `${method} ${target} HTTP/1.1`
}
