import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { SendMemory } from '../src/send-memory.ts'

it('memory for writes is used again, and left to a write that has not ended', () => {
  const memory = new SendMemory(16)
  const bytes = Buffer.from('0123456789')
  const written: Buffer[] = []
  const quick = new Writable({
    write: (view: Buffer, _, done) => {
      written.push(view)
      done()
    },
  })
  const slow = new Writable({ write: (view: Buffer) => void written.push(view) })
  memory.write(quick, bytes, 2, 6)
  expect(written.at(-1)?.toString()).toBe('2345')
  memory.writeJoined(slow, 'h\xe9ad ', bytes)
  const [first, joined] = written
  expect(joined?.toString('latin1')).toBe('h\xe9ad 0123456789')
  expect(joined?.buffer).toBe(first?.buffer)
  memory.write(quick, bytes, 0, 4)
  expect(written.at(-1)?.toString()).toBe('0123')
  expect(joined?.toString('latin1')).toBe('h\xe9ad 0123456789')
  memory.write(quick, bytes, 6, 10)
  expect(written.at(-1)).toBe(written.at(-2))
})
