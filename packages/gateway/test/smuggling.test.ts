import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestGateway, Upstream } from './harness.ts'
import { RawClient, rawUpstream, startGateway, until } from './harness.ts'
import { readRequests } from './request-reader.ts'
import { forwarded, refused } from './smuggling-corpus.ts'

let upstream: Upstream
let gateway: TestGateway
let seen = ''
let answered = 0

beforeAll(async () => {
  upstream = await rawUpstream((socket) => {
    socket.on('data', (bytes: Buffer) => {
      seen += bytes.toString('latin1')
      const { requests } = readRequests(seen)
      for (; answered < requests.length; answered += 1) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      }
    })
  })
  gateway = await startGateway([upstream])
})

afterAll(async () => {
  await gateway.close()
  await upstream.kill()
})

function reset(): void {
  seen = ''
  answered = 0
}

/** Sends the bytes, and says what came back once the gateway has closed the connection. */
async function attack(payload: string): Promise<string> {
  reset()
  const client = new RawClient(gateway.port)
  client.send(payload)
  return client.untilEnd()
}

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
  it.each(refused)('$name ($source): refused and closed, no replica sees a whole request', async (entry) => {
    const answer = await attack(entry.bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${entry.refusal} `))
    expect(answer).toMatch(/connection: close/i)
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
    expect(readRequests(seen).requests).toEqual([])
    expect(seen).not.toContain('/smuggled')
    await until('the replica to be let go', () => upstream.sockets.size === 0)
  })

  it.each(forwarded)('$name ($source): exactly that reaches the replica', async ({ bytes, requests }) => {
    reset()
    const client = new RawClient(gateway.port)
    client.send(bytes)
    await until('its answers', () => client.text.match(/200 OK/g)?.length === requests.length)
    const got = readRequests(seen)
    expect(got.rest).toBe('whole')
    expect(got.requests.map(({ line, host, body }) => [line, host, body])).toEqual(requests)
    expect(client.isEnded).toBe(false)
    client.socket.destroy()
    for (const socket of upstream.sockets) socket.destroy()
    await until('the replica to be let go', () => upstream.sockets.size === 0)
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
        reset()
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
