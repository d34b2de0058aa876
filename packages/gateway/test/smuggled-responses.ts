/** A replica's bytes that a client could read otherwise than the gateway. */
export interface ResponseCase {
  readonly name: string
  readonly source: string
  readonly method: string
  readonly answer: string
  /** What the client gets: the gateway's own 502, or exactly this. */
  readonly gets: '502' | { readonly text: string }
  /** The replica's connection carries another request afterwards. */
  readonly isReused: boolean
}

const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

function refused(name: string, source: string, answer: string): ResponseCase {
  return { name, source, method: 'GET', answer, gets: '502', isReused: false }
}

function passed(
  [name, source]: readonly [string, string],
  answer: string,
  text: string,
  more: { method?: string; isReused?: boolean } = {},
): ResponseCase {
  return { name, source, method: 'GET', answer, gets: { text }, isReused: false, ...more }
}

const framing = 'RFC 9112 6.3'

export const responses: readonly ResponseCase[] = [
  refused('two lengths', framing, 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
  refused(
    'two equal lengths',
    framing,
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab',
  ),
  refused('a list of lengths', framing, 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nab'),
  refused(
    'CL with TE',
    framing,
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ),
  refused('TE in HTTP/1.0', 'RFC 9112 6.1', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
  refused(
    'another coding',
    'RFC 9112 6.1',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  ),
  refused('a space before the colon', 'RFC 9112 5.1', 'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nab'),
  refused('a fold', 'RFC 9112 5.2', 'HTTP/1.1 200 OK\r\nX: y\r\n Content-Length: 2\r\n\r\nab'),
  refused('a bare LF', 'RFC 9112 2.2', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nab'),
  refused(
    'a length behind a tab',
    'nginx counts the tab as part of the value',
    'HTTP/1.1 200 OK\r\nContent-Length:\t2\r\n\r\nab',
  ),
  refused('NUL', 'RFC 9110 5.5', 'HTTP/1.1 200 OK\r\nX: \0\r\nContent-Length: 2\r\n\r\nab'),
  refused(
    'a status that is not three digits',
    'RFC 9112 4',
    'HTTP/1.1 2e2 OK\r\nContent-Length: 2\r\n\r\nab',
  ),
  refused(
    '101 that nobody asked for',
    'RFC 9110 15.2.2',
    'HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
  ),
  refused('a head over 64 KiB', 'RFC 9110 5.4', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`),
  refused('HTTP/0.9', 'RFC 9112 2.3', '<html>\r\n\r\n'),
  passed(['a surplus behind a length', 'RFC 9112 9.3'], `${ok}${poison}`, ok),
  passed(
    ['a surplus behind chunks', 'RFC 9112 9.3'],
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${poison}`,
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ),
  passed(['HEAD with a body', framing], ok, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', {
    method: 'HEAD',
  }),
  passed(
    ['HEAD', 'RFC 9110 9.3.2'],
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n',
    { method: 'HEAD', isReused: true },
  ),
  passed(
    ['204 with a length and a body', 'RFC 9110 8.6'],
    'HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\nok',
    'HTTP/1.1 204 No\r\n\r\n',
  ),
  passed(
    ['204 with a length that has not come', 'RFC 9110 8.6'],
    'HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n',
    'HTTP/1.1 204 No\r\n\r\n',
  ),
  passed(
    ['204 with chunks', 'RFC 9112 6.1'],
    'HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 204 No\r\n\r\n',
  ),
  passed(
    ['204 with a length of 0', 'RFC 9110 8.6'],
    'HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 204 No\r\n\r\n',
    { isReused: true },
  ),
  passed(
    ['304 with the length of what it stands for', 'RFC 9110 15.4.5'],
    'HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n',
    'HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n',
    { isReused: true },
  ),
  passed(
    ['304 with a body', 'RFC 9110 15.4.5'],
    'HTTP/1.1 304 No\r\nContent-Length: 2\r\n\r\nok',
    'HTTP/1.1 304 No\r\nContent-Length: 2\r\n\r\n',
  ),
  passed(
    ['1xx with a length', 'RFC 9112 6.3'],
    `HTTP/1.1 103 Early Hints\r\nContent-Length: ${ok.length}\r\n\r\n${ok}`,
    `HTTP/1.1 103 Early Hints\r\n\r\n${ok}`,
    { isReused: true },
  ),
  passed(
    ['many 1xx', 'RFC 9110 15.2'],
    `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(500)}${ok}`,
    `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(500)}${ok}`,
    { isReused: true },
  ),
]
