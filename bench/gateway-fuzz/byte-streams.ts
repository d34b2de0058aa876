import { SeededRandom } from './seeded-random.ts'

/** What one client sends, in the pieces in which it sends it. */
export interface ByteStream {
  readonly seed: number
  readonly pieces: readonly Buffer[]
  /** All pieces together, one character a byte. */
  readonly text: string
}

const methods = [
  'GET',
  'GET',
  'POST',
  'POST',
  'PUT',
  'HEAD',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'PROPFIND',
] as const
const oddMethods = ['get', 'TRACE', 'CONNECT', 'G(ET', 'A'.repeat(40), 'M-SEARCH'] as const
const targets = ['/', '/a', '/a?b=c', '/a/b/../c', '/%2e%2e/', '//x', '/a?x=http://y/'] as const
const oddTargets = [
  '*',
  'http://a/abs',
  'http://b/other',
  'http://a?q',
  'ftp://a/',
  'a',
  '/a b',
  '/a#f',
  '/\xe9',
  '/\x01',
  '',
] as const
const versions = ['HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'http/1.1', 'HTTP/1.1 ', 'HTTP/11', ''] as const
const oddFields = [
  'Content-Length: 3',
  'Content-Length: +3',
  'Content-Length: 3, 3',
  'Content-Length: 0',
  'Content-Length : 3',
  'Content_Length: 3',
  'Content-Length: 3 ',
  'Content-Length:\t3',
  'Content-Length: 0x3',
  'Content-Length: -1',
  'Content-Length:',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: gzip, chunked',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: \x0bchunked',
  'Transfer-Encoding:',
  'Transfer-Encoding: identity',
  'X: y\nTransfer-Encoding: chunked',
  'X: y\rTransfer-Encoding: chunked',
  'X: a\0b',
  ' folded: 1',
  '\tX',
  'X',
  ': x',
  'X : y',
  'X\xe9: y',
  'X: \xe9',
  'X_Y: z',
  'X:',
  'Host: b',
  'Host: a',
  'Host:',
  'Host: a/b',
  'Host: a:80',
  'Expect: 100-continue',
  'Expect: 200-ok',
  'Expect: 100-Continue',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: close, keep-alive',
  'Connection: content-length',
  'Connection: X-A',
  'Connection: a b',
  'Keep-Alive: timeout=5',
  'TE: trailers',
  'Trailer: X-T',
  'Upgrade: h2c',
  'Proxy-Connection: close',
  'Cookie: a=b',
  'X-A: 1',
  'X-Forwarded-For: 1.2.3.4',
  'Forwarded: for=1.2.3.4',
  'Forwarded: for="x',
  'X-Request-Id: r',
] as const
const lineEnds = ['\n', '\r', '\r\r\n', '\r\n ', '\0\r\n'] as const
const extensions = [
  ';a',
  ';a=b',
  ';a="b c"',
  ';a\nb',
  ';a\rb',
  ';',
  ' ;a',
  ';a=;',
  ';\xe9',
  `;${'e'.repeat(300)}`,
] as const
const sizes = [
  '0x3',
  '+3',
  '-3',
  ' 3',
  '3 ',
  '3\t',
  '003',
  '3,3',
  'ffffffffffffffff3',
  '100000003',
  'g',
  '',
] as const
const trailers = [
  'X-T: 1',
  'Content-Length: 3',
  'Transfer-Encoding: chunked',
  'Host: b',
  'X : 1',
  ' folded',
  'X\n',
  'X: a\nb',
] as const
const bodies = [
  'abc',
  'a',
  'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
  '0\r\n\r\n',
  'x'.repeat(700),
] as const
const bytes = ['\0', '\n', '\r', ' ', '\t', ':', '\x7f', '\xff', '0', 'A', '\x0b', ';'] as const

/** Ends every stream: a proxy that is still in step closes behind it, so that nobody has to guess when a stream is over. */
export const lastRequest = 'GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

/** The stream of a seed: requests by the grammar of RFC 9112, most with nothing or one thing wrong, some with a byte changed. */
export function byteStream(seed: number): ByteStream {
  const random = new SeededRandom(seed)
  // How many places may be odd: a stream with many is refused at the first, and tests little.
  const oddness = random.pick([0, 12, 30, 60])
  let text = ''
  for (let left = 1 + random.below(4); left > 0; left -= 1) text += request(random, oddness)
  if (random.once(4)) text = mutated(text, random)
  text += lastRequest
  return { seed, text, pieces: pieces(Buffer.from(text, 'latin1'), random) }
}

function request(random: SeededRandom, oddness: number): string {
  const isOdd = (weight = 1): boolean => oddness > 0 && random.below(oddness) < weight
  const end = (): string => (isOdd() && random.once(6) ? random.pick(lineEnds) : '\r\n')
  const method = isOdd() ? random.pick(oddMethods) : random.pick(methods)
  const target = isOdd() ? random.pick(oddTargets) : random.pick(targets)
  const version = isOdd() ? random.pick(versions) : 'HTTP/1.1'
  let head = `${random.once(15) ? '\r\n' : ''}${method} ${target} ${version}${end()}`
  if (!isOdd() || random.once(2)) head += `Host: a${end()}`
  for (let left = random.below(3); left > 0; left -= 1) head += `X-${left}: v${left}${end()}`
  while (isOdd(5)) head += `${random.pick(oddFields)}${end()}`
  const takesBody = ['POST', 'PUT', 'PATCH'].includes(method) || random.once(12)
  if (!takesBody) return `${head}${end()}`
  const body = random.pick(bodies)
  if (random.once(2)) {
    const length = isOdd() ? random.pick([0, 1, body.length - 1, body.length + 1]) : body.length
    return `${head}Content-Length: ${length}${end()}${end()}${body}`
  }
  return `${head}Transfer-Encoding: chunked${end()}${end()}${chunked(body, random, isOdd, end)}`
}

function chunked(
  body: string,
  random: SeededRandom,
  isOdd: (weight?: number) => boolean,
  end: () => string,
): string {
  let text = ''
  for (let at = 0; at < body.length;) {
    const part = body.slice(at, at + 1 + random.below(body.length))
    at += part.length
    const size = isOdd() ? random.pick(sizes) : part.length.toString(16)
    const extension = random.once(6) ? (isOdd(6) ? random.pick(extensions) : ';a=b') : ''
    text += `${size}${extension}${end()}${part}${end()}`
  }
  text += `${random.once(10) ? '000' : '0'}${end()}`
  if (random.once(5)) text += `${isOdd(8) ? random.pick(trailers) : 'X-T: 1'}${end()}`
  return text + end()
}

function mutated(text: string, random: SeededRandom): string {
  const at = random.below(text.length)
  switch (random.below(4)) {
    case 0:
      return text.slice(0, at) + random.pick(bytes) + text.slice(at)
    case 1:
      return text.slice(0, at) + text.slice(at + 1)
    case 2:
      return text.slice(0, at) + random.pick(bytes) + text.slice(at + 1)
    default:
      return text.slice(0, at)
  }
}

function pieces(all: Buffer, random: SeededRandom): Buffer[] {
  const cut: Buffer[] = []
  let at = 0
  for (let left = random.pick([0, 0, 1, 2, 4]); left > 0 && at < all.length - 1; left -= 1) {
    const to = at + 1 + random.below(all.length - at - 1)
    cut.push(all.subarray(at, to))
    at = to
  }
  cut.push(all.subarray(at))
  return cut.filter((piece) => piece.length > 0)
}
