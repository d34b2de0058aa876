import { expect, it } from 'vitest'
import { SendMemory } from '../src/send-memory.ts'

it('memory for writes is used again, and left to a write that has not ended', () => {
  const memory = new SendMemory(16)
  const bytes = Buffer.from('0123456789')
  const first = memory.copy(bytes, 2, 6)
  expect(first.toString()).toBe('2345')
  const joined = memory.join('h\xe9ad ', bytes)
  expect(joined.toString('latin1')).toBe('h\xe9ad 0123456789')
  expect(joined.buffer).toBe(first.buffer)
  memory.lend()
  expect(memory.copy(bytes, 0, 4).toString()).toBe('0123')
  expect(joined.toString('latin1')).toBe('h\xe9ad 0123456789')
  expect(memory.copy(bytes, 0, 4)).toBe(memory.copy(bytes, 6, 10))
})
