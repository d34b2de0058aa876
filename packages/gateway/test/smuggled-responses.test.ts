import { afterEach, describe, expect, it } from 'vitest'
import { RawClient, rawUpstream, startGateway, until } from './harness.ts'
import { responses } from './smuggled-responses.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const next = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext'

describe('response smuggling', () => {
  it.each(responses)('$name ($source)', async ({ method, answer, gets, isReused }) => {
    let connections = 0
    const upstream = await rawUpstream((socket) => {
      connections += 1
      socket.on('data', (bytes: Buffer) => socket.write(bytes.includes('/next') ? next : answer, 'latin1'))
    })
    const gateway = await startGateway([upstream])
    cleanups.push(
      () => upstream.kill(),
      () => gateway.close(),
    )
    const client = new RawClient(gateway.port)
    client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n`)
    await client.untilText(next)
    const before = client.text.slice(0, client.text.indexOf(next))
    const isOwn = before.startsWith('HTTP/1.1 502 Bad Gateway\r\n')
    expect(isOwn ? '502' : { text: before }).toEqual(gets)
    expect(connections).toBe(isReused ? 1 : 2)
    await until('nothing in flight', () => Object.keys(gateway.gateway.status().inFlight).length === 0)
    client.socket.destroy()
  })
})
