import { expect, it } from 'vitest'
import { appended, emptyBuffer, keptCharacters } from '../src/features/logs/log-buffer.ts'

const chunk = (offset: number, text: string, isEnded = false) => ({
  text,
  offset,
  nextOffset: offset + new TextEncoder().encode(text).byteLength,
  isEnded,
})

it('joins chunks and ignores one that a reconnected stream sends again', () => {
  const first = appended(emptyBuffer, chunk(100, 'one\n'))
  const second = appended(first, chunk(104, 'two\n'))
  expect(appended(second, chunk(100, 'one\n'))).toMatchObject({
    text: 'one\ntwo\n',
    offset: 100,
    nextOffset: 108,
  })
  expect(appended(second, chunk(108, '', true)).isEnded).toBe(true)
})

it('stays bounded and counts in bytes what it dropped', () => {
  const line = `${'é'.repeat(99)}\n`
  const full = appended(emptyBuffer, chunk(0, line.repeat(keptCharacters / 100)))
  const more = appended(full, chunk(full.nextOffset ?? 0, line.repeat(10)))
  expect(more.text.length).toBeLessThanOrEqual(keptCharacters)
  expect(more.text.startsWith('é')).toBe(true)
  expect(more.offset).toBe(10 * 199)
})
