import { describe, expect, it } from 'vitest'
import { requestTextOf } from '../src/http2/request-text.ts'
import { RequestHead } from '../src/request-head.ts'
import { randomFrom } from './random.ts'

const line = [':method', 'GET', ':scheme', 'https', ':path', '/', ':authority', 'a.example']
const connect = [':method', 'CONNECT', ':protocol', 'websocket', ':scheme', 'https']
const webSocket = [...connect, ':path', '/ws', ':authority', 'a.example']

describe('an HTTP/2 request as HTTP/1.1', () => {
  it('has one Host, one Cookie, and ends its connection', () => {
    const raw = [...line, 'cookie', 'a=1', 'x-a', '1', 'cookie', 'b=2', 'x-a', '2', 'te', 'trailers']
    expect(requestTextOf(raw, false)).toEqual({
      text: 'GET / HTTP/1.1\r\nhost: a.example\r\nx-a: 1\r\nx-a: 2\r\ncookie: a=1; b=2\r\nconnection: close\r\n\r\n',
      fault: '',
      status: 400,
      isChunked: false,
      webSocketKey: '',
    })
  })

  it('a body goes on with its length where that was said, in chunks where not', () => {
    const sized = requestTextOf([...line, 'content-length', '3'], true)
    expect([sized.isChunked, sized.text]).toEqual([
      false,
      expect.stringContaining('\r\ncontent-length: 3\r\n'),
    ])
    const open = requestTextOf(line, true)
    expect([open.isChunked, open.text]).toEqual([
      true,
      expect.stringContaining('\r\ntransfer-encoding: chunked\r\n'),
    ])
  })

  it('an extended CONNECT to a WebSocket is its upgrade, with a key of the gateway’s', () => {
    const raw = [...webSocket, 'sec-websocket-version', '13', 'sec-websocket-key', 'theirs', 'te', 'trailers']
    expect(requestTextOf(raw, true, () => 'ours')).toEqual({
      text: 'GET /ws HTTP/1.1\r\nhost: a.example\r\nsec-websocket-version: 13\r\nconnection: upgrade, close\r\nupgrade: websocket\r\nsec-websocket-key: ours\r\n\r\n',
      fault: '',
      status: 400,
      isChunked: false,
      webSocketKey: 'ours',
    })
    const keys = [1, 2].map(() => requestTextOf(webSocket, true).webSocketKey)
    expect(new Set(keys).size).toBe(2)
    expect(keys.map((key) => Buffer.from(key, 'base64').length)).toEqual([16, 16])
  })

  it('an extended CONNECT to anything else is 501', () => {
    const raw = webSocket.map((text) => (text === 'websocket' ? 'connect-udp' : text))
    expect(requestTextOf(raw, true)).toMatchObject({ text: '', status: 501 })
  })

  it.each([
    ['a WebSocket with a length', [...webSocket, 'content-length', '3']],
    ['a WebSocket without a path', [...connect, ':authority', 'a']],
    ['a WebSocket without an authority', [...connect, ':path', '/ws']],
    ['a line break in the path of a WebSocket', [...connect, ':path', '/\r\nx: y', ':authority', 'a']],
    ['a protocol of another method', [...line, ':protocol', 'websocket']],
    ['a line break in a value', [...line, 'x', 'a\r\nhost: b']],
    ['a bare LF', [...line, 'x', 'a\nb']],
    ['NUL', [...line, 'x', 'a\0b']],
    ['a line break in the path', [':method', 'GET', ':scheme', 'https', ':path', '/\r\n', ':authority', 'a']],
    ['a space in the path', [':method', 'GET', ':scheme', 'https', ':path', '/ HTTP/1.1', ':authority', 'a']],
    ['a space in the method', [':method', 'GET /', ':scheme', 'https', ':path', '/', ':authority', 'a']],
    ['a capital in a name', [...line, 'X-A', '1']],
    ['a colon in a name', [...line, 'x: a', '1']],
    ['a space after a name', [...line, 'content-length ', '1']],
    ['connection', [...line, 'connection', 'close']],
    ['transfer-encoding', [...line, 'transfer-encoding', 'chunked']],
    ['upgrade', [...line, 'upgrade', 'websocket']],
    ['keep-alive', [...line, 'keep-alive', 'timeout=5']],
    ['te other than trailers', [...line, 'te', 'gzip']],
    ['two paths', [...line, ':path', '/b']],
    ['a Host that is not the authority', [...line, 'host', 'b.example']],
    ['two hosts', [...line.slice(0, 6), 'host', 'a', 'host', 'a']],
    ['no authority and no Host', line.slice(0, 6)],
    ['no path', [':method', 'GET', ':scheme', 'https', ':authority', 'a']],
    ['another scheme', [':method', 'GET', ':scheme', 'ftp', ':path', '/', ':authority', 'a']],
  ])('is refused with %s', (_name, raw) => {
    const { text, fault } = requestTextOf(raw, false)
    expect(text).toBe('')
    expect(fault).not.toBe('')
  })

  it('whatever is sent, its reader finds one head or refuses it, and no field that was not sent', () => {
    const random = randomFrom(7)
    const parts = [
      'a',
      'B',
      ' ',
      '\t',
      '\r',
      '\n',
      '\r\n',
      ':',
      ',',
      '\0',
      '\u00ff',
      ';',
      '/',
      'content-length',
      'host',
    ]
    const word = (): string =>
      Array.from(
        { length: 1 + Math.floor(random() * 5) },
        () => parts[Math.floor(random() * parts.length)],
      ).join('')
    const head = new RequestHead()
    let read = 0
    for (let round = 0; round < 20_000; round += 1) {
      const raw = [...line]
      const at = Math.floor(random() * raw.length)
      if (random() < 0.5) raw[at] = word()
      for (let more = 0; more < 3; more += 1) raw.push(random() < 0.5 ? 'x-a' : word(), word())
      const { text } = requestTextOf(raw, false)
      if (text === '') continue
      expect(text.indexOf('\r\n\r\n')).toBe(text.length - 4)
      expect(text.split('\r\n').length - 5).toBeLessThanOrEqual(3)
      if (head.scan(text)) read += 1
    }
    expect(read).toBeGreaterThan(100)
  })
})
