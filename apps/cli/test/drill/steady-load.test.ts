import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { LongStream } from '../../src/drill/long-stream.ts'
import { SteadyLoad } from '../../src/drill/steady-load.ts'

let server: Server
const listen = async (listener: RequestListener): Promise<string> => {
  server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server's address is no string.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

describe('the load of a drill', () => {
  it('goes on asking at its rate while the service stands still, and counts the time that each waited', async () => {
    let held: (() => void)[] = []
    let isHeld = false
    const url = await listen((_request, response) => {
      if (isHeld) held.push(() => response.end('late'))
      else response.end('ok')
    })
    const load = new SteadyLoad(url, 100)
    load.start()
    await until('it flows', () => load.tally.goodCount >= 10)
    load.tally.begin()
    isHeld = true
    await until('questions come although nobody answers', () => held.length >= 20)
    const first = performance.now()
    isHeld = false
    for (const answer of held) answer()
    held = []
    await load.stop()
    const seen = load.tally.total(first)
    expect(seen.failed).toEqual({})
    expect(seen.requests).toBeGreaterThanOrEqual(20)
    // Twenty requests at 100 a second: the first of them waited for the others to become due.
    expect(seen.slowestMs).toBeGreaterThan(150)
    expect(seen.longestGapMs).toBeGreaterThan(150)
  })

  it('repeats a GET whose connection broke before any answer, once and on a new connection', async () => {
    let cuts = 0
    const url = await listen((request, response) => {
      if (cuts++ === 5) request.socket.destroy()
      else response.end('ok')
    })
    const load = new SteadyLoad(url, 100)
    load.start()
    await until('it flows past the cut', () => load.tally.goodCount >= 20)
    await load.stop()
    expect(load.tally.total(performance.now())).toMatchObject({ failed: {}, repeated: 1 })
  })

  it('names what failed: refused, answered badly, cut in the middle', async () => {
    let count = 0
    const url = await listen((_request, response) => {
      count += 1
      if (count === 1) response.writeHead(502).end()
      else if (count === 2) {
        response.writeHead(200, { 'content-length': '100' })
        response.write('half')
        setTimeout(() => response.destroy(), 20)
      } else response.end('ok')
    })
    const load = new SteadyLoad(url, 50)
    load.start()
    await until('both kinds', () => load.tally.failedCount === 2)
    await load.stop()
    expect(Object.keys(load.tally.total(performance.now()).failed).toSorted()).toEqual([
      'HTTP 502',
      'cut short',
    ])
    const nobody = new SteadyLoad('http://127.0.0.1:9/', 50)
    nobody.start()
    await until('refused', () => nobody.tally.failedCount > 0)
    await nobody.stop()
    expect(Object.keys(nobody.tally.total(performance.now()).failed)).toEqual(['connection refused'])
  })

  it('a stream that ends by itself is opened again; one that is cut off is told of with its age', async () => {
    let opened = 0
    const url = await listen((_request, response) => {
      opened += 1
      response.write('first')
      if (opened === 1) response.end('last')
      else if (opened === 2) setTimeout(() => response.destroy(), 50)
    })
    const stream = new LongStream(url)
    stream.start()
    await until('it is open for the third time', () => opened === 3)
    stream.stop()
    expect(stream.broken).toEqual([{ reason: 'connection reset', ageMs: expect.any(Number) as number }])
  })
})
