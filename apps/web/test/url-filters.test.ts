import { expect, it } from 'vitest'
import { patchedSearch } from '../src/navigation/url-filters.ts'

it('changes only the named keys; empty and null take them away; a list repeats', () => {
  expect(patchedSearch('?a=1&b=2', { b: '3' })).toBe('a=1&b=3')
  expect(patchedSearch('?a=1&b=2', { a: null, b: '' })).toBe('')
  expect(patchedSearch('?cursor=x', { cursor: ['x', 'y'] })).toBe('cursor=x&cursor=y')
  expect(patchedSearch('', { q: 'a&b=c' })).toBe('q=a%26b%3Dc')
})
