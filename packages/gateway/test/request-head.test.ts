import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Forwarding } from '../src/forwarding.ts'
import { RequestHead } from '../src/request-head.ts'

const from = { clientAddress: '10.0.0.1', fallbackHost: '127.0.0.1:30001', isTls: false }
const add = new Forwarding(from)

function scan(text: string): RequestHead {
  const head = new RequestHead()
  head.scan(text)
  return head
}

function headOf(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`
}

const host = 'Host: a'

describe('a request head that must be refused', () => {
  it.each<[string, string[], number?]>([
    ['two lengths', ['POST / HTTP/1.1', host, 'Content-Length: 1', 'Content-Length: 2']],
    ['two equal lengths', ['POST / HTTP/1.1', host, 'Content-Length: 1', 'Content-Length: 1']],
    ['a list of lengths', ['POST / HTTP/1.1', host, 'Content-Length: 1, 1']],
    ['length and chunked', ['POST / HTTP/1.1', host, 'Content-Length: 1', 'Transfer-Encoding: chunked']],
    ['chunked and length', ['POST / HTTP/1.1', host, 'Transfer-Encoding: chunked', 'Content-Length: 1']],
    ['a signed length', ['POST / HTTP/1.1', host, 'Content-Length: +1']],
    ['a negative length', ['POST / HTTP/1.1', host, 'Content-Length: -1']],
    ['a hex length', ['POST / HTTP/1.1', host, 'Content-Length: 0x1']],
    ['an empty length', ['POST / HTTP/1.1', host, 'Content-Length: ']],
    ['a length with a space in it', ['POST / HTTP/1.1', host, 'Content-Length: 1 1']],
    ['a length beyond all numbers', ['POST / HTTP/1.1', host, 'Content-Length: 99999999999999999999']],
    ['an underscored length', ['POST / HTTP/1.1', host, 'Content_Length: 1']],
    ['an underscored coding', ['POST / HTTP/1.1', host, 'Transfer_Encoding: chunked']],
    ['a coding other than chunked', ['POST / HTTP/1.1', host, 'Transfer-Encoding: gzip, chunked']],
    ['chunked twice in one field', ['POST / HTTP/1.1', host, 'Transfer-Encoding: chunked, chunked']],
    [
      'chunked in two fields',
      ['POST / HTTP/1.1', host, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    ],
    ['an identity coding', ['POST / HTTP/1.1', host, 'Transfer-Encoding: identity']],
    ['xchunked', ['POST / HTTP/1.1', host, 'Transfer-Encoding: xchunked']],
    ['a quoted coding', ['POST / HTTP/1.1', host, 'Transfer-Encoding: "chunked"']],
    ['a coding with a vertical tab', ['POST / HTTP/1.1', host, 'Transfer-Encoding: \x0bchunked']],
    ['an empty coding', ['POST / HTTP/1.1', host, 'Transfer-Encoding: ']],
    ['a coding in HTTP/1.0', ['POST / HTTP/1.0', host, 'Transfer-Encoding: chunked']],
    ['a space before the colon', ['POST / HTTP/1.1', host, 'Transfer-Encoding : chunked']],
    ['a tab before the colon', ['POST / HTTP/1.1', host, 'Content-Length\t: 1']],
    ['a folded line', ['GET / HTTP/1.1', host, 'X: 1', ' folded']],
    ['a folded first line', ['GET / HTTP/1.1', ' X: 1', host]],
    ['a bare LF in a value', ['GET / HTTP/1.1', host, 'X: 1\nContent-Length: 3']],
    ['a bare CR in a value', ['GET / HTTP/1.1', host, 'X: 1\rContent-Length: 3']],
    ['NUL in a value', ['GET / HTTP/1.1', host, 'X: a\0b']],
    ['NUL in a name', ['GET / HTTP/1.1', host, 'X\0: a']],
    ['a line without a colon', ['GET / HTTP/1.1', host, 'nothing']],
    ['a field without a name', ['GET / HTTP/1.1', host, ': x']],
    ['no Host', ['GET / HTTP/1.1']],
    ['two Hosts', ['GET / HTTP/1.1', host, 'Host: b']],
    ['an empty Host', ['GET / HTTP/1.1', 'Host: ']],
    ['a Host with a path', ['GET / HTTP/1.1', 'Host: a/b']],
    ['a Host with user information', ['GET / HTTP/1.1', 'Host: u@a']],
    ['a Host list', ['GET / HTTP/1.1', 'Host: a, b']],
    ['an empty target', ['GET  HTTP/1.1', host]],
    ['a relative target', ['GET x HTTP/1.1', host]],
    ['a target with a space', ['GET /a b HTTP/1.1', host]],
    ['a target with a fragment', ['GET /a#b HTTP/1.1', host]],
    ['a target with a raw byte', ['GET /\xe9 HTTP/1.1', host]],
    ['a target with a control character', ['GET /\x01 HTTP/1.1', host]],
    ['a target with a tab', ['GET /\tx HTTP/1.1', host]],
    ['* for GET', ['GET * HTTP/1.1', host]],
    ['an absolute target with user information', ['GET http://u@a/ HTTP/1.1', host]],
    ['another scheme', ['GET ftp://a/ HTTP/1.1', host]],
    ['CONNECT', ['CONNECT a:443 HTTP/1.1', host], 405],
    ['HTTP/0.9', ['GET /']],
    ['HTTP/2.0', ['GET / HTTP/2.0', host], 505],
    ['HTTP/1.2', ['GET / HTTP/1.2', host]],
    ['a lower-case version', ['GET / http/1.1', host]],
    ['a space after the version', ['GET / HTTP/1.1 ', host]],
    ['a bad method', ['G(ET / HTTP/1.1', host]],
    ['a space before the method', [' GET / HTTP/1.1', host]],
    ['an overlong method', [`${'A'.repeat(33)} / HTTP/1.1`, host]],
    [
      'a length named in Connection',
      ['POST / HTTP/1.1', host, 'Content-Length: 1', 'Connection: content-length'],
    ],
    ['a bad Connection', ['GET / HTTP/1.1', host, 'Connection: a b']],
    ['another expectation', ['POST / HTTP/1.1', host, 'Expect: 200-maybe', 'Content-Length: 1'], 417],
    ['two blank lines first', ['', '', 'GET / HTTP/1.1', host]],
  ])('%s', (_name, lines, status = 400) => {
    const head = new RequestHead()
    expect(head.scan(headOf(lines))).toBe(false)
    expect(head.status).toBe(status)
    expect(head.fault).not.toBe('')
  })
})

describe('a request head that is passed on', () => {
  it('keeps every field that is not hop by hop, in order and as written', () => {
    const lines = [
      'POST /a?b=c HTTP/1.1',
      'Host: Example.org:80',
      'X-One:1',
      'x-one:   2  ',
      'Content-Length: 3',
    ]
    const head = scan(headOf([...lines, 'Connection: keep-alive', 'Keep-Alive: timeout=5']))
    expect(head.fault).toBe('')
    expect(head.forwarded(add, 'id', '1')).toBe(
      headOf([
        ...lines,
        'X-Forwarded-For: 10.0.0.1',
        'X-Forwarded-Proto: http',
        'X-Forwarded-Host: Example.org:80',
        'Forwarded: for=10.0.0.1;host="Example.org:80";proto=http',
        'X-Request-Id: id1',
      ]),
    )
  })

  it('takes out what Connection names, wherever it stands, and never the framing', () => {
    const head = scan(
      headOf(['GET / HTTP/1.1', 'X-A: 1', host, 'Connection: x-a, X-B , close', 'X-B: 2', 'X-C: 3']),
    )
    const sent = head.forwarded(add, 'id', '1')
    expect(sent).not.toMatch(/x-a|x-b|connection/i)
    expect(sent).toContain('X-C: 3')
    expect(head.isKeepAlive).toBe(false)
  })

  it('writes an absolute target as a path and its authority as the Host (RFC 9112 §3.2.2)', () => {
    const head = scan(headOf(['GET http://real.example:81/x?y HTTP/1.1', 'Host: other', 'X: 1']))
    const sent = head.forwarded(add, 'id', '1')
    expect(sent.startsWith('GET /x?y HTTP/1.1\r\nHost: real.example:81\r\nX: 1\r\n')).toBe(true)
    expect(sent).not.toContain('other')
  })

  it('gives HTTP/1.0 a Host and a version of 1.1, and closes unless asked to keep', () => {
    const head = scan(headOf(['GET / HTTP/1.0', 'Connection: keep-alive']))
    expect(head.forwarded(add, 'id', '1')).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: 127\.0\.0\.1:30001\r\n/)
    expect(head.isKeepAlive).toBe(true)
    expect(scan(headOf(['GET / HTTP/1.0'])).isKeepAlive).toBe(false)
  })

  it('passes a WebSocket upgrade on, and never one to h2c or one with a body', () => {
    const upgrade = (name: string, ...more: string[]): string =>
      scan(
        headOf(['GET / HTTP/1.1', host, 'Connection: Upgrade, HTTP2-Settings', `Upgrade: ${name}`, ...more]),
      ).forwarded(add, 'id', '1')
    expect(upgrade('websocket')).toContain('Connection: Upgrade\r\nUpgrade: websocket\r\n')
    expect(upgrade('h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA')).not.toMatch(/upgrade|http2/i)
    expect(upgrade('websocket', 'Content-Length: 3')).not.toMatch(/upgrade/i)
  })

  it('replaces forwarding fields, underscored ones too, and appends to X-Forwarded-For', () => {
    const forged = [
      'X-Forwarded-Proto: https',
      'x_forwarded_for: 6.6.6.6',
      'X-Forwarded-Host: evil',
      'X_Forwarded_Host: e',
    ]
    const sent = scan(headOf(['GET / HTTP/1.1', host, ...forged, 'X-Forwarded-For: 1.1.1.1'])).forwarded(
      add,
      'id',
      '1',
    )
    expect(sent).toContain(
      'X-Forwarded-For: 1.1.1.1, 10.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a\r\n',
    )
    expect(sent).not.toMatch(/evil|https|6\.6\.6\.6|X_/)
  })

  it('says of each request of a connection what that one says, whatever the one before it said', () => {
    const forwardingOf = (...lines: string[]): string =>
      scan(headOf(['GET / HTTP/1.1', ...lines]))
        .forwarded(add, 'id', '1')
        .replace(/^[^]*?(?=X-Forwarded-For)/, '')
    const plain = forwardingOf('Host: a')
    expect(plain).toContain('X-Forwarded-For: 10.0.0.1\r\n')
    expect(forwardingOf('Host: b')).toBe(plain.replace('Host: a', 'Host: b').replace('host="a"', 'host="b"'))
    expect(forwardingOf('Host: a', 'X-Forwarded-For: 1.1.1.1')).toBe(plain.replace('10.0', '1.1.1.1, 10.0'))
    expect(forwardingOf('Host: a', 'Forwarded: for=x')).toBe(plain.replace('for=10', 'for=x, for=10'))
    expect(forwardingOf('Host: a')).toBe(plain)
  })

  it('sends an expectation on once: nginx refuses a second one', () => {
    const expecting = [
      'POST / HTTP/1.1',
      host,
      'Expect: 100-continue',
      'expect: 100-Continue',
      'Content-Length: 3',
    ]
    const head = scan(headOf(expecting))
    expect(head.fault).toBe('')
    expect(head.forwarded(add, 'id', '1').match(/^expect: .*$/gim)).toEqual(['Expect: 100-continue'])
  })

  it('says the same of the same head again, whatever was added to it or withheld from it before', () => {
    const text = headOf(['POST /a HTTP/1.1', host, 'Authorization: Bearer k', 'Content-Length: 3'])
    const head = new RequestHead()
    const read = (): readonly unknown[] => [
      head.scan(text),
      head.method,
      head.target,
      head.contentLength,
      head.fieldValue('authorization'),
      head.forwarded(add, 'id', '1'),
    ]
    const first = read()
    expect(first[5]).toContain('Authorization: Bearer k')
    expect(read()).toEqual(first)
    head.withhold(head.authorization)
    expect(head.forwarded(add, 'id', '1')).not.toContain('Bearer')
    expect(read()).toEqual(first)
    head.add('X-Subject', 'somebody')
    expect(head.forwarded(add, 'id', '1')).toContain('X-Subject: somebody')
    expect(read()).toEqual(first)
    head.withholdNamed('authorization')
    expect(head.forwarded(add, 'id', '2')).not.toContain('Bearer')
    expect(head.scan(headOf(['GET']))).toBe(false)
    expect(head.scan(headOf(['GET']))).toBe(false)
    expect(read()).toEqual(first)
  })

  it.each([
    ['for=1.1.1.1', 'for=1.1.1.1, '],
    ['for="[2001:db8::1]:80";by=_x , for=_y', 'for="[2001:db8::1]:80";by=_x , for=_y, '],
    ['for="a\\"b"', 'for="a\\"b", '],
    ['for="open', ''],
    ['for="open\\"', ''],
    ['for', ''],
    ['', ''],
    [`${'a=b'.repeat(9000)}!`, ''],
  ])('Forwarded (RFC 7239) %j is appended to as %j', (value, kept) => {
    const forwarding = new Forwarding({ ...from, clientAddress: '::1', isTls: true })
    const sent = scan(headOf(['GET / HTTP/1.1', host, `Forwarded: ${value}`])).forwarded(
      forwarding,
      'id',
      '1',
    )
    expect(sent.match(/^forwarded: .*/gim)).toEqual([`Forwarded: ${kept}for="[::1]";host="a";proto=https`])
  })

  it.each([
    ['skykeep_session=s', ''],
    ['a=1; skykeep_session=s; b=2', 'a=1; b=2'],
    ['skykeep_session=s;b=2', 'b=2'],
    ['a=1;SKYKEEP_SESSION =s', 'a=1'],
    ['skykeep_session', ''],
    ['=skykeep_session=s; a=1', 'a=1'],
    ['my_skykeep_session=1; a=skykeep_session', 'my_skykeep_session=1; a=skykeep_session'],
  ])('invariant 17: of the cookies %j passes on %j', (cookie, kept) => {
    const sent = scan(headOf(['GET / HTTP/1.1', host, `Cookie: ${cookie}`])).forwarded(add, 'id', '1')
    const line = sent.split('\r\n').find((one) => /^cookie:/i.test(one))
    expect(line).toBe(kept === '' ? undefined : `Cookie: ${kept}`)
  })

  it('never throws, and forwards nothing whose framing differs from what it read', () => {
    const part = fc.constantFrom(
      'GET',
      'POST',
      ' ',
      '/',
      '*',
      'HTTP/1.1',
      'HTTP/1.0',
      '\r\n',
      '\n',
      '\r',
      ':',
      'Host: a',
      'Content-Length: 3',
      'Content-Length: 0',
      'Transfer-Encoding: chunked',
      'Connection: ',
      'close',
      'upgrade',
      ', ',
      '\t',
      '\0',
      'x',
      'X: y',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 24 }), (parts) => {
        const head = new RequestHead()
        if (!head.scan(`${parts.join('')}\r\n\r\n`)) return head.fault !== ''
        const again = new RequestHead()
        expect(again.scan(head.forwarded(add, 'id', '1'))).toBe(true)
        expect([again.contentLength, again.isChunked]).toEqual([head.contentLength, head.isChunked])
        return true
      }),
      { numRuns: 3000 },
    )
  })
})
