import { expect, it } from 'vitest'
import { placeName, placeWithin } from '../src/place.ts'

it.each([
  [{ infra: 'local', region: 'local', zone: 'local' }, 'local', ''],
  [{ infra: 'local', region: '', zone: '' }, 'local', ''],
  [{ infra: 'local', zone: 'local' }, 'local', ''],
  [{ infra: 'sim', region: 'east', zone: 'east-1a' }, 'sim / east / east-1a', 'east-1a'],
  [{ infra: 'sim', region: 'east', zone: 'east' }, 'sim / east', 'east'],
  [{ infra: 'sim', region: 'east', zone: '' }, 'sim / east', 'east'],
  [{ infra: 'sim', zone: 'east-1a' }, 'sim / east-1a', 'east-1a'],
  [{ infra: 'sim', region: '', zone: '' }, 'sim', ''],
  [{ infra: '', region: '', zone: '' }, '', ''],
])('%j is %j', (place, name, within) => {
  expect([placeName(place), placeWithin(place)]).toEqual([name, within])
})
