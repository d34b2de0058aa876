import { describe, expect, it } from 'vitest'
import { ResponseHead } from '../src/response-head.ts'

function headOf(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`
}

describe('response heads', () => {
  it.each([
    [['HTTP/1.1 200 OK', 'Content-Length: 1', 'Content-Length: 1']],
    [['HTTP/1.1 200 OK', 'Content-Length: 1', 'Transfer-Encoding: chunked']],
    [['HTTP/1.1 200 OK', 'Transfer-Encoding: gzip']],
    [['HTTP/1.0 200 OK', 'Transfer-Encoding: chunked']],
    [['HTTP/1.1 20 OK']],
    [['HTTP/1.1 099 OK']],
    [['HTTP/1.1 2e2 OK']],
    [['HTTP/1.1 +20 OK']],
    [['HTTP/2 200 OK']],
    [['HTTP/1.1  200 OK']],
    [['HTTP/1.1 200 O\nK']],
    [['HTTP/1.1 200 OK', 'X : y']],
    [['HTTP/1.1 200 OK', 'X: y', ' folded']],
    [['HTTP/1.1 200 OK', 'X: a\0']],
    [['HTTP/1.1 200 OK', 'Connection: content-length', 'Content-Length: 3']],
  ])('refuses %j', (lines) => {
    const head = new ResponseHead()
    expect(head.scan(headOf(lines))).toBe(false)
    expect(head.fault).not.toBe('')
  })

  it.each([
    ['GET', ['HTTP/1.1 200 OK', 'Content-Length: 3'], 'length'],
    ['GET', ['HTTP/1.1 200', 'Content-Length: 3'], 'length'],
    ['GET', ['HTTP/1.1 200 OK', 'Content-Length: 0'], 'none'],
    ['GET', ['HTTP/1.1 200 OK', 'transfer-encoding: Chunked'], 'chunked'],
    ['GET', ['HTTP/1.1 200 OK'], 'until-close'],
    ['HEAD', ['HTTP/1.1 200 OK', 'Content-Length: 3'], 'none'],
    ['GET', ['HTTP/1.1 204 No Content'], 'none'],
    ['GET', ['HTTP/1.1 304 Not Modified', 'Content-Length: 3'], 'none'],
    ['GET', ['HTTP/1.1 100 Continue'], 'none'],
  ])('body of the answer to %s %j: %s', (method, lines, kind) => {
    const head = new ResponseHead()
    expect(head.scan(headOf(lines))).toBe(true)
    expect(head.bodyKind(method)).toBe(kind)
  })

  it.each(['HTTP/1.1 204 No Content', 'HTTP/1.1 103 Early Hints'])(
    'takes framing out of %s, which has no body, and does not use the connection again',
    (status) => {
      for (const framing of ['Content-Length: 5', 'Transfer-Encoding: chunked']) {
        const head = new ResponseHead()
        expect(head.scan(headOf([status, framing, 'A: 1']))).toBe(true)
        expect(head.isKeepAlive).toBe(false)
        expect(head.forwarded({ isClosing: false, clientMinor: 1, answererField: '' })).toBe(
          headOf([status, 'A: 1']),
        )
      }
    },
  )

  it('goes on with a connection after 204 with a length of 0', () => {
    const head = new ResponseHead()
    expect(head.scan(headOf(['HTTP/1.1 204 No Content', 'Content-Length: 0']))).toBe(true)
    expect(head.isKeepAlive).toBe(true)
  })

  it.each([
    ['skykeep_session=x; Path=/', false],
    [' Skykeep_Session = x', false],
    ['=skykeep_session=x', false],
    ['skykeep_session', false],
    ['other=skykeep_session', true],
    ['skykeep_session2=x', true],
  ])('invariant 17: Set-Cookie: %j passes: %s', (cookie, passes) => {
    const head = new ResponseHead()
    head.scan(headOf(['HTTP/1.1 200 OK', 'A: 1', `Set-Cookie: ${cookie}`, 'set-cookie: kept=1', 'B: 2']))
    const sent = head.forwarded({ isClosing: false, clientMinor: 1, answererField: '' })
    expect(sent.includes(cookie.trim())).toBe(passes)
    expect(sent).toContain('A: 1\r\n')
    expect(sent).toContain('set-cookie: kept=1\r\nB: 2\r\n\r\n')
  })

  it.each([
    'HTTP/1.1 200 OK',
    'HTTP/1.1 103 Early Hints',
    'HTTP/1.1 401 Unauthorized',
    'HTTP/1.1 101 Switching Protocols',
  ])('invariant 17: Clear-Site-Data never passes: %s', (status) => {
    const head = new ResponseHead()
    const lines = ['Clear-Site-Data: "cookies"', 'A: 1', 'clear-site-data: "*"', 'Clear-Site-Date: 1', 'B: 2']
    expect(head.scan(headOf([status, ...lines]))).toBe(true)
    const sent = head.forwarded({ isClosing: false, clientMinor: 1, answererField: '' })
    expect(sent).not.toMatch(/clear-site-data/i)
    expect(sent).toContain(`${status}\r\nA: 1\r\nClear-Site-Date: 1\r\nB: 2\r\n`)
  })

  it('takes hop-by-hop fields out and reads how long the replica keeps its connection', () => {
    const head = new ResponseHead()
    head.scan(
      headOf([
        'HTTP/1.0 200 OK',
        'Connection: keep-alive, X-Hop',
        'Keep-Alive: timeout=5, max=9',
        'X-Hop: 1',
        'X: 1',
      ]),
    )
    expect(head.forwarded({ isClosing: true, clientMinor: 1, answererField: '' })).toBe(
      headOf(['HTTP/1.1 200 OK', 'X: 1', 'Connection: close']),
    )
    expect(head.keepAliveSeconds).toBe(5)
    expect(head.isKeepAlive).toBe(true)
  })

  it.each([
    [['HTTP/1.1 200 OK', 'A: 1', 'Content-Length: 3']],
    [['HTTP/1.1 200 OK', 'Connection: keep-alive', 'Keep-Alive: timeout=5', 'A: 1', 'Content-Length: 3']],
    [['HTTP/1.1 200 OK', 'A: 1', 'Connection: keep-alive', 'Content-Length: 3']],
    [['HTTP/1.1 404 ', 'Content-Length: 3', 'Proxy-Connection: x']],
    [['HTTP/1.1 200 OK', 'Set-Cookie: skykeep_session=1; Path=/', 'Transfer-Encoding: chunked']],
  ])('%j: what is passed on in place is what is put together otherwise', (lines) => {
    const head = new ResponseHead()
    const forwarding = { isClosing: false, clientMinor: 1, answererField: '' }
    const text = headOf(lines)
    const bytes = Buffer.from(`before${text}body`, 'latin1')
    expect(head.scan(text, bytes, 6)).toBe(true)
    expect(head.isPlaced(forwarding)).toBe(true)
    const place = { from: 0, cutFrom: 0, cutTo: 0, to: 0 }
    head.putPlace(place, 6)
    const at = (from: number, to: number): string => bytes.toString('latin1', from, to)
    expect(at(place.from, place.cutFrom) + at(place.cutTo, place.to)).toBe(head.forwarded(forwarding))
    expect(at(place.to, bytes.length)).toBe('body')
  })

  it.each([
    [['HTTP/1.1 200 OK', 'Connection: keep-alive', 'A: 1', 'Keep-Alive: timeout=5'], {}],
    [['HTTP/1.1 200 OK', 'Connection: A', 'A: 1'], {}],
    [['HTTP/1.0 200 OK', 'A: 1'], {}],
    [['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket'], {}],
    [['HTTP/1.1 426 Upgrade Required', 'Upgrade: websocket'], {}],
    [['HTTP/1.1 200 OK', 'A: 1'], { isClosing: true }],
    [['HTTP/1.1 200 OK', 'A: 1'], { clientMinor: 0 }],
    [['HTTP/1.1 200 OK', 'A: 1'], { answererField: 'X-Skykeep-Replica: 1;version=1\r\n' }],
  ])('%j for %j is not passed on in place', (lines, differing) => {
    const head = new ResponseHead()
    expect(head.scan(headOf(lines))).toBe(true)
    expect(head.isPlaced({ isClosing: false, clientMinor: 1, answererField: '', ...differing })).toBe(false)
  })
})
