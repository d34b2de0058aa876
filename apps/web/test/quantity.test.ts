import { expect, it } from 'vitest'
import { bytes, count, plural, pricePerHour } from '../src/format/quantity.ts'

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [20 * 1024 ** 3, '20 GiB'],
  [150.4 * 1024 ** 2, '150 MiB'],
  [5000 * 1024 ** 4, '5000 TiB'],
])('%d bytes read %s', (value, expected) => {
  expect(bytes(value)).toBe(expected)
})

it('groups thousands and keeps the word in step with the number', () => {
  expect(count(1_234_567)).toBe('1\u202f234\u202f567')
  expect(plural(1, 'replica')).toBe('1 replica')
  expect(plural(0, 'replica')).toBe('0 replicas')
})

it.each([
  [12, '$12/h'],
  [0.5260001, '$0.526/h'],
  [0.28414, '$0.2841/h'],
])('%d dollars an hour read %s', (usd, expected) => {
  expect(pricePerHour(usd)).toBe(expected)
})
