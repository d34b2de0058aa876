import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { expect, test } from 'vitest'
import { pushedDirectly } from '../src/flowing-push.ts'
import { randomFrom } from './random.ts'

/** Both ends of a connection: what the first writes, the second reads. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo // a TCP server has an AddressInfo
  const writer = connect(port, '127.0.0.1')
  const [reader] = (await once(server, 'connection')) as [Socket] // the event's documented argument
  server.close()
  return [writer, reader]
}

function numbered(length: number): Buffer {
  return Buffer.from(Uint32Array.from({ length: length / 4 }, (_, at) => at).buffer)
}

test('a socket that pushes directly gives every byte once and in order, however often its reader pauses', async () => {
  const sent = numbered(4 * 1024 * 1024)
  const [writer, reader] = await pair()
  const random = randomFrom(5)
  const got: Buffer[] = []
  let isPaused = false
  pushedDirectly(reader).on('data', (chunk: Buffer) => {
    expect(isPaused).toBe(false)
    got.push(chunk)
    if (random() < 0.5) return
    reader.pause()
    isPaused = true
    // At once, after what is at hand, or when more has come than is kept for a reader that pauses.
    const later = [queueMicrotask, setImmediate, (call: () => void) => setTimeout(call, 5)]
    later[Math.floor(random() * later.length)]?.(() => {
      isPaused = false
      reader.resume()
    })
  })
  writer.end(sent)
  await once(reader, 'end')
  expect(Buffer.concat(got).equals(sent)).toBe(true)
  reader.destroy()
})

test('what was read before anybody listened comes first', async () => {
  const [writer, reader] = await pair()
  pushedDirectly(reader)
  writer.write('first ')
  await once(reader, 'readable')
  const got: string[] = []
  reader.on('data', (chunk: Buffer) => got.push(chunk.toString()))
  reader.removeAllListeners('readable')
  writer.end('second')
  reader.resume()
  await once(reader, 'end')
  expect(got.join('')).toBe('first second')
  reader.destroy()
})

test('the end of a connection that was cut while its reader paused comes when it reads on', async () => {
  const [writer, reader] = await pair()
  const got: string[] = []
  pushedDirectly(reader).on('data', (chunk: Buffer) => got.push(chunk.toString()))
  reader.pause()
  writer.end('kept')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(got).toEqual([])
  reader.resume()
  await once(reader, 'end')
  expect(got).toEqual(['kept'])
  reader.destroy()
})
