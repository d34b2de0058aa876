import { systemClock } from '@skykeep/telemetry/system-clock'
import { afterEach, describe, expect, it } from 'vitest'
import type { TestGateway, Upstream } from './harness.ts'
import { RawClient, rawUpstream, startGateway, until } from './harness.ts'
import { clientFrame } from './web-socket-frames.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

interface Timed extends TestGateway {
  readonly upstream: Upstream
  /** Lets so many seconds pass at once. */
  pass(seconds: number): void
}

/** @param isHalfOpen the replica does not end its side with the other one. */
async function timed(answer: string, streamTimeoutSeconds = 600, isHalfOpen = false): Promise<Timed> {
  let offsetMs = 0
  const clock = { now: systemClock.now, monotonicMs: () => systemClock.monotonicMs() + offsetMs }
  const upstream = await rawUpstream((socket) => {
    socket.on('data', () => answer !== '' && socket.write(answer))
  }, isHalfOpen)
  const gateway = await startGateway([upstream], { clock, service: { streamTimeoutSeconds } })
  cleanups.push(
    () => upstream.kill(),
    () => gateway.close(),
  )
  return { ...gateway, upstream, pass: (seconds) => (offsetMs += seconds * 1000) }
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('time limits', () => {
  it('a head that takes 30 s is refused with 408, however steadily it comes', async () => {
    const { port, pass } = await timed(ok)
    const client = new RawClient(port)
    client.send('GET / HTTP/1.1\r\n')
    await until('the refusal', () => {
      if (!client.isEnded) client.send('X: y\r\n')
      pass(8)
      return client.text !== ''
    })
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 408 Request Timeout/)
  })

  it('a connection that sends nothing is ended after 30 s, one that waits for its next request after 75 s', async () => {
    const { port, pass } = await timed(ok)
    const fresh = new RawClient(port)
    const used = new RawClient(port)
    used.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await used.untilText('ok')
    pass(31)
    expect(await fresh.untilEnd()).toBe('')
    expect(used.isEnded).toBe(false)
    pass(50)
    await used.untilEnd()
  })

  it('a body that stops for two minutes is refused with 408 and the replica is told', async () => {
    const { port, pass, gateway, upstream } = await timed('')
    const client = new RawClient(port)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc')
    await until(
      'the replica has it',
      () => gateway.status().inFlight['r0'] === 1 && upstream.sockets.size === 1,
    )
    pass(121)
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 408/)
    await until('the replica is told', () => upstream.sockets.size === 0)
    expect(gateway.status().inFlight).toEqual({})
  })

  it('a client that takes no bytes for two minutes is let go, and a slow one is not', async () => {
    const { port, pass, gateway } = await timed(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(30_000_000)}`)
    const client = new RawClient(port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('200 OK')
    client.socket.pause()
    pass(100)
    client.socket.resume()
    const before = client.received.length
    await until('more of it', () => client.received.length > before + 1_000_000)
    client.socket.pause()
    await until('a pause that is seen', () => gateway.status().inFlight['r0'] === 1)
    pass(100)
    expect(client.isClosed).toBe(false)
    await until('its end', () => {
      pass(30)
      return Object.keys(gateway.status().inFlight).length === 0
    })
    client.socket.destroy()
  })

  it('a WebSocket whose client said goodbye waits ten seconds for the answer, then is listed', async () => {
    const { port, pass, gateway } = await timed(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      600,
      true,
    )
    const client = new RawClient(port)
    client.send('GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await client.untilText('101 Switching Protocols')
    pass(3600)
    const before = gateway.plane.clock.monotonicMs()
    client.socket.end(clientFrame(8, Buffer.from([0x03, 0xe8])))
    await until('a sweep', () => gateway.plane.clock.monotonicMs() - before > 1500)
    expect(gateway.status().inFlight).toEqual({ r0: 1 })
    pass(12)
    await until('its end', () => Object.keys(gateway.status().inFlight).length === 0)
    expect(gateway.plane.lost.reports().flatMap(({ requests }) => requests)).toMatchObject([{ path: '/ws' }])
  })

  it('an idle WebSocket lives on, whatever the service says of silence', async () => {
    const upgraded = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const { port, pass, gateway } = await timed(upgraded, 5)
    const client = new RawClient(port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await client.untilText('101')
    pass(3600)
    client.received = Buffer.alloc(0)
    client.send('still there?')
    await client.untilText('101')
    expect(gateway.status().inFlight).toEqual({ r0: 1 })
    client.socket.end()
    await until('its end', () => {
      pass(11)
      return Object.keys(gateway.status().inFlight).length === 0
    })
  })
})
