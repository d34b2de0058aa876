import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ClientOutput } from '../src/client-output.ts'
import { until } from './harness.ts'

function outputOf(): { readonly output: ClientOutput; readonly written: string[] } {
  const written: string[] = []
  const socket = new Writable({
    write: (bytes: Buffer, _, done) => {
      written.push(bytes.toString('latin1'))
      done()
    },
  })
  return { output: new ClientOutput(socket, false, () => 0), written }
}

/** Both ends of a TCP connection. */
async function connection(): Promise<{ readonly near: Socket; readonly far: Socket; end(): void }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server has an AddressInfo
  const taken = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const far = connect(port, '127.0.0.1')
  const near = await taken
  const end = (): void => {
    near.destroy()
    far.destroy()
    server.close()
  }
  return { near, far, end }
}

describe('small bytes to a client', () => {
  it('go at once when they come alone, and behind what was gathered when they do not', async () => {
    const { output, written } = outputOf()
    output.writeBytes(Buffer.from('event'), 0, 5, false)
    expect(written).toEqual(['event'])
    output.writeText('head ')
    output.writeBytes(Buffer.from('event'), 0, 5, false)
    await turn()
    expect(written).toEqual(['event', 'head event'])
  })

  it('are one write when they are parts of one read', async () => {
    const { output, written } = outputOf()
    for (const part of ['a', 'b', 'c']) output.writeBytes(Buffer.from(part), 0, 1, true)
    expect(written).toEqual([])
    await turn()
    expect(written).toEqual(['abc'])
  })

  it('of a head that stands in them are one write, without the stretch that is cut', async () => {
    const { output, written } = outputOf()
    const bytes = Buffer.from('..start CUT end|body')
    output.writePlaced(bytes, { from: 2, cutFrom: 8, cutTo: 12, to: 16 }, bytes.length)
    await turn()
    expect(written).toEqual(['start end|body'])
  })
})

describe('events to a client that takes none for a while', () => {
  it('arrive as they were, whatever other clients are sent meanwhile', async () => {
    const slow = await connection()
    const quick = await connection()
    slow.far.pause()
    quick.far.resume()
    const toSlow = new ClientOutput(slow.near, true, () => 0)
    const toQuick = new ClientOutput(quick.near, true, () => 0)
    let sent = ''
    // Until the kernel takes no more, and beyond: one event is taken in part, others wait.
    for (let at = 0, waiting = 0; waiting < 20; at += 1) {
      const event = `<${at.toString().padStart(4093, 'e')}\n`
      sent += event
      if (!toSlow.writeBytes(Buffer.from(event), 0, event.length, false)) waiting += 1
      toQuick.writeBytes(Buffer.from('x'.repeat(event.length)), 0, event.length, false)
      if (at % 16 === 0) await turn()
    }
    expect(slow.near.writableLength).toBeGreaterThan(0)
    const received: Buffer[] = []
    let length = 0
    slow.far.on('data', (bytes) => {
      received.push(bytes)
      length += bytes.length
    })
    slow.far.resume()
    await until('all of it', () => length >= sent.length)
    expect(Buffer.concat(received).toString('latin1') === sent).toBe(true)
    slow.end()
    quick.end()
  })
})
