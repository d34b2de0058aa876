/** One request, as the reference reader takes it from the bytes that reached a server. */
export interface ReadRequest {
  readonly line: string
  readonly method: string
  readonly target: string
  readonly host: string
  /** Without chunk framing. */
  readonly body: string
}

export interface Reading {
  readonly requests: readonly ReadRequest[]
  /** 'whole': the bytes end with a request. 'cut': a request has not ended. 'unreadable': not what RFC 9112 allows a sender. */
  readonly rest: 'whole' | 'cut' | 'unreadable'
  /** The head of a request that has not ended asks for 100 (Continue). */
  readonly wantsContinue: boolean
}

const requestLine = /^([!#$%&'*+\-.^_`|~\w]+) ([!-~]+) HTTP\/1\.[01]$/
const fieldLine = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*((?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)[ \t]*$/
const chunkLine = /^([\da-f]{1,12})(;[\t -~\x80-\xff]*)?$/i

/** Reads requests by what RFC 9112 lets a sender write, and nothing else; written apart from the gateway's scanner. */
export function readRequests(text: string): Reading {
  const requests: ReadRequest[] = []
  let rest = text
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return { requests, rest: 'cut', wantsContinue: false }
    const head = readHead(rest.slice(0, end))
    if (head === null) return { requests, rest: 'unreadable', wantsContinue: false }
    const body = head.isChunked
      ? readChunks(rest.slice(end + 4))
      : readLength(rest.slice(end + 4), head.length)
    if (typeof body === 'string') return { requests, rest: body, wantsContinue: head.wantsContinue }
    const { line, method, target, host } = head
    requests.push({ line, method, target, host, body: body.text })
    rest = rest.slice(end + 4 + body.taken)
  }
  return { requests, rest: 'whole', wantsContinue: false }
}

interface Head {
  readonly line: string
  readonly method: string
  readonly target: string
  readonly host: string
  readonly isChunked: boolean
  readonly length: number
  readonly wantsContinue: boolean
}

function readHead(text: string): Head | null {
  const [first = '', ...lines] = text.split('\r\n')
  const line = requestLine.exec(first)
  const fields = lines.map((each) => fieldLine.exec(each))
  if (line === null || fields.includes(null)) return null
  const all = (name: string): readonly string[] =>
    fields.filter((each) => each?.[1]?.toLowerCase() === name).map((each) => each?.[2] ?? '')
  const [lengths, codings, hosts] = [all('content-length'), all('transfer-encoding'), all('host')]
  if (lengths.length + codings.length > 1 || hosts.length > 1) return null
  if (!lengths.every((each) => /^\d{1,15}$/.test(each))) return null
  if (!codings.every((each) => each.toLowerCase() === 'chunked')) return null
  return {
    line: first,
    method: line[1] ?? '',
    target: line[2] ?? '',
    host: hosts[0] ?? '',
    isChunked: codings.length === 1,
    length: Number(lengths[0] ?? 0),
    wantsContinue: all('expect').length > 0,
  }
}

type Body = { readonly text: string; readonly taken: number } | 'cut' | 'unreadable'

function readLength(text: string, length: number): Body {
  return text.length < length ? 'cut' : { text: text.slice(0, length), taken: length }
}

function readChunks(text: string): Body {
  let body = ''
  let at = 0
  for (;;) {
    const end = text.indexOf('\r\n', at)
    if (end < 0) return 'cut'
    const line = chunkLine.exec(text.slice(at, end))
    if (line === null) return 'unreadable'
    const size = Number.parseInt(line[1] ?? '', 16)
    at = end + 2
    if (size === 0) return readTrailer(text, at, body)
    if (text.length < at + size + 2) return 'cut'
    body += text.slice(at, at + size)
    if (!text.startsWith('\r\n', at + size)) return 'unreadable'
    at += size + 2
  }
}

function readTrailer(text: string, from: number, body: string): Body {
  for (let at = from; ;) {
    const end = text.indexOf('\r\n', at)
    if (end < 0) return 'cut'
    if (end === at) return { text: body, taken: end + 2 }
    if (!fieldLine.test(text.slice(at, end))) return 'unreadable'
    at = end + 2
  }
}
