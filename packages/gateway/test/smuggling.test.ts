import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestGateway, Upstream } from './harness.ts'
import { RawClient, rawUpstream, startGateway, until } from './harness.ts'

let upstream: Upstream
let gateway: TestGateway
let seen = ''

beforeAll(async () => {
  upstream = await rawUpstream((socket) => {
    socket.on('data', (bytes: Buffer) => {
      seen += bytes.toString('latin1')
      if (seen.endsWith('\r\n\r\n') || seen.endsWith('done'))
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  gateway = await startGateway([upstream])
})

afterAll(async () => {
  await gateway.close()
  await upstream.kill()
})

/** Sends the bytes, and says what came back once the gateway has closed the connection. */
async function attack(payload: string): Promise<string> {
  seen = ''
  const client = new RawClient(gateway.port)
  client.send(payload)
  return client.untilEnd()
}

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
const post = 'POST /first HTTP/1.1\r\nHost: a\r\n'

/** True for a head that every HTTP/1.1 server reads alike: a method that is a token (`xGET` is one), whole lines, one Host, one length at the most. */
function isUnambiguous(head: string): boolean {
  const [first = '', ...fields] = head.split('\r\n').slice(0, -1)
  const named = (name: string): number => fields.filter((field) => field.startsWith(`${name}: `)).length
  return (
    /^[\w!#$%&'*+.^`|~-]+ \/ HTTP\/1\.1$/.test(first) &&
    fields.every((field) => /^[A-Za-z-]+: [ -~]*$/.test(field)) &&
    named('Host') === 1 &&
    named('Content-Length') + named('Transfer-Encoding') <= 1
  )
}

describe('request smuggling', () => {
  it.each([
    ['CL.TE', `${post}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['TE.CL', `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n${smuggled}\r\n0\r\n\r\n`],
    [
      'TE.TE by a second coding',
      `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ['TE.TE by a space before the colon', `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    [
      'TE.TE by a tab',
      `${post}Transfer-Encoding:\tchunked\r\nX: y\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    [
      'TE.TE by a line fold',
      `${post}Transfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ['TE hidden behind a bare LF', `${post}X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['TE hidden behind a bare CR', `${post}X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['TE in HTTP/1.0', `POST /first HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['CL.CL', `${post}Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`],
    ['CL list', `${post}Content-Length: 0, ${smuggled.length}\r\n\r\n${smuggled}`],
    ['CL in octal or with a sign', `${post}Content-Length: +0\r\n\r\n${smuggled}`],
    ['a head that ends in bare LFs', `GET / HTTP/1.1\nHost: a\n\n${smuggled}`],
    ['a head that ends in LF CRLF', `GET / HTTP/1.1\r\nHost: a\n\r\n${smuggled}`],
    ['a request line after garbage', `\0\0${smuggled}`],
    ['a head over 32 KiB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(40_000)}\r\n\r\n${smuggled}`],
    ['an endless head', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(70_000)}`],
    ['an encoded line break in the target', `GET /\r\nHost: a\r\n\r\n${smuggled}`],
  ])('%s: 400, closed, nothing forwarded', async (_name, payload) => {
    const answer = await attack(payload)
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(answer).toMatch(/connection: close/i)
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
    expect(seen).toBe('')
  })

  it.each([
    ['an extension with a bare LF', `3;a\nabc\r\n0\r\n\r\n`],
    ['an extension with a bare CR', `3;a\rabc\r\n0\r\n\r\n`],
    ['a chunk longer than it says', `3\r\nabcdef\r\n0\r\n\r\n`],
    ['a size with a space', `3 \r\nabc\r\n0\r\n\r\n`],
    ['a size in 0x', `0x3\r\nabc\r\n0\r\n\r\n`],
    ['a size that overflows', `ffffffffffffffff0\r\nabc\r\n0\r\n\r\n`],
    ['a last chunk that ends in LF', `3\r\nabc\r\n0\n\n`],
    ['a length in the trailer', `3\r\nabc\r\n0\r\nContent-Length: 40\r\n\r\n`],
  ])('%s: refused, and the replica never sees an end of the request', async (_name, body) => {
    const answer = await attack(`${post}Transfer-Encoding: chunked\r\n\r\n${body}${smuggled}`)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(seen).not.toContain('smuggled')
    expect(seen).not.toMatch(/\r\n0\r?\n/)
    await until('the replica to be let go', () => upstream.sockets.size === 0)
  })

  it('CL.0: a body stays a body, whatever it looks like', async () => {
    seen = ''
    const client = new RawClient(gateway.port)
    client.send(`${post}Content-Length: ${smuggled.length + 4}\r\n\r\n${smuggled}done`)
    await client.untilText('ok')
    expect(seen.indexOf('GET /smuggled')).toBe(seen.indexOf('\r\n\r\n') + 4)
    expect(client.text.match(/HTTP\/1\.1 200/g)).toHaveLength(1)
    client.socket.destroy()
  })

  it('random bytes never reach a replica unless they are a request, and never end the gateway', async () => {
    const piece = fc.constantFrom(
      'GET / HTTP/1.1\r\n',
      'Host: a\r\n',
      '\r\n',
      '\n',
      '\r',
      'Content-Length: 2\r\n',
      'Transfer-Encoding: chunked\r\n',
      '\0',
      'x',
      ': ',
      ' ',
      '0\r\n\r\n',
      '2\r\nab\r\n',
      '\xff\xfe',
      'POST / HTTP/1.1\r\n',
      'HTTP/1.1 200 OK\r\n',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 12 }), async (pieces) => {
        seen = ''
        const client = new RawClient(gateway.port)
        client.send(pieces.join(''))
        client.socket.end()
        await client.untilEnd()
        const isClean = seen === '' || isUnambiguous(seen.slice(0, seen.indexOf('\r\n\r\n') + 2))
        expect(isClean, JSON.stringify({ pieces, seen })).toBe(true)
      }),
      { numRuns: 200, examples: [[['GET / HTTP/1.1\r\n', 'Content-Length: 2\r\n', 'Host: a\r\n', '\r\n']]] },
    )
    expect(gateway.gateway.status().inFlight).toEqual({})
  })
})
