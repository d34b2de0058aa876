import { describe, expect, it } from 'vitest'
import {
  isPossible,
  matches,
  offeredActions,
  readPaletteQuery,
  serviceActions,
} from '#src/features/palette/palette-query.ts'
import { pageProblemOf } from '#src/components/shell/page-problem.ts'

describe('what somebody types into the palette', () => {
  it.each([
    ['', [], ''],
    ['hel', [], 'hel'],
    ['pause hello', ['pause'], 'hello'],
    ['  Hello   LOGS ', ['logs'], 'hello'],
    ['rollback model', ['roll back'], 'model'],
    ['roll back', ['roll back'], ''],
    ['pauseless', [], 'pauseless'],
  ])('%j', (text, actions, search) => {
    expect(readPaletteQuery(text)).toEqual({ actions, search })
  })

  it('without a verb offers everything once two services are left, and nothing for an empty box', () => {
    expect(offeredActions({ actions: [], search: 'hello' }, 2)).toEqual(serviceActions)
    expect(offeredActions({ actions: [], search: 'hello' }, 3)).toEqual([])
    expect(offeredActions({ actions: [], search: '' }, 1)).toEqual([])
    expect(offeredActions({ actions: ['logs'], search: '' }, 9)).toEqual(['logs'])
  })

  it('offers nothing that would be refused for certain', () => {
    const offered = (status: Parameters<typeof isPossible>[1]['status'], version = 2) =>
      serviceActions.filter((action) => isPossible(action, { status, version }))
    expect(offered('READY', 1)).toEqual(['pause', 'update', 'logs', 'events', 'scaling'])
    expect(offered('PAUSED')).toContain('resume')
    expect(offered('PAUSED')).not.toContain('pause')
    expect(offered('SHUTTING_DOWN')).toEqual(['logs', 'events', 'scaling'])
  })

  it('finds a page by every word', () => {
    expect(matches('Keyboard shortcuts', 'short key')).toBe(true)
    expect(matches('Keyboard shortcuts', 'short no')).toBe(false)
    expect(matches('System', '')).toBe(true)
  })
})

it('a part of a page that does not load asks for a new load; any other fault can be tried again', () => {
  expect(pageProblemOf({ name: 'ChunkLoadError', message: '' }).needsReload).toBe(true)
  expect(pageProblemOf({ name: 'TypeError', message: 'x is not a function' }).needsReload).toBe(false)
})
