import { setImmediate as turn } from 'node:timers/promises'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ClientOutput } from '../src/client-output.ts'

function outputOf(): { readonly output: ClientOutput; readonly written: string[] } {
  const written: string[] = []
  const socket = new Writable({
    write: (bytes: Buffer, _, done) => {
      written.push(bytes.toString('latin1'))
      done()
    },
  })
  return { output: new ClientOutput(socket, () => 0), written }
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
})
