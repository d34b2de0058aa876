import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseLocation, type Location } from '../src/spot-placement.ts'

const place = (zone: string): Location => ({ infra: 'sim', region: zone.slice(0, -1), zone })
const offer = (zone: string, priceUsdPerHour: number) => ({ ...place(zone), priceUsdPerHour })
const preempted = (zone: string) => ({ ...place(zone), status: 'PREEMPTED' as const })
const active = (zone: string) => ({ ...place(zone), status: 'ACTIVE' as const })

const candidates = [offer('east-1a', 1), offer('east-1b', 1.2), offer('west-1a', 0.9)]

describe('the next place for a spot replica (DynamicFallbackSpotPlacer)', () => {
  type Health = readonly ReturnType<typeof preempted | typeof active>[]
  it.each<readonly [string, Health, readonly string[], readonly [zone: string, isReset: boolean]]>([
    ['the cheapest at first', [], [], ['west-1a', false]],
    ['then the cheapest that has none', [], ['west-1a'], ['east-1a', false]],
    ['the dear one before a second in a cheap one', [], ['west-1a', 'east-1a'], ['east-1b', false]],
    ['all used once: the cheapest again', [], ['west-1a', 'east-1a', 'east-1b'], ['west-1a', false]],
    ['the least used', [], ['west-1a', 'west-1a', 'east-1a', 'east-1b'], ['east-1a', false]],
    ['not where it was taken back', [preempted('west-1a')], [], ['east-1a', false]],
    [
      'a used active place before a free preempted one',
      [preempted('west-1a')],
      ['east-1a', 'east-1b'],
      ['east-1a', false],
    ],
    [
      'fewer than two active: all again',
      [preempted('west-1a'), preempted('east-1a')],
      ['east-1b'],
      ['west-1a', true],
    ],
    ['a place that is active again', [active('west-1a'), preempted('east-1a')], [], ['west-1a', false]],
    ['places of others do not count', [preempted('north-1a'), preempted('west-1a')], [], ['east-1a', false]],
  ])('%s', (_, health, used, [zone, isReset]) => {
    const found = chooseLocation({ candidates, health, inUse: used.map(place) })
    expect(found).toEqual({ chosen: candidates.find((one) => one.zone === zone), isReset })
  })

  it('none without a candidate; the only one always, without a reset that changes nothing', () => {
    expect(chooseLocation({ candidates: [], health: [], inUse: [] })).toBeNull()
    const only = [offer('east-1a', 1)]
    expect(chooseLocation({ candidates: only, health: [], inUse: [place('east-1a')] })).toEqual({
      chosen: only[0],
      isReset: false,
    })
    expect(chooseLocation({ candidates: only, health: [preempted('east-1a')], inUse: [] })?.isReset).toBe(
      true,
    )
  })

  it('several offers of one place are one place', () => {
    const offers = [offer('east-1a', 3), offer('east-1a', 2), offer('east-1b', 9)]
    const found = chooseLocation({ candidates: offers, health: [preempted('east-1b')], inUse: [] })
    expect(found).toEqual({ chosen: offers[1], isReset: true })
  })

  it('an offer without a price comes last', () => {
    const offers = [offer('east-1a', Number.NaN), offer('east-1b', 9)]
    expect(chooseLocation({ candidates: offers, health: [], inUse: [] })?.chosen.zone).toBe('east-1b')
  })
})

it('skypilot 3.5 #9: what is known of the places outlives a restart: the place that was taken back is still avoided', () => {
  const health = JSON.parse(JSON.stringify([preempted('west-1a')]))
  expect(chooseLocation({ candidates, health, inUse: [] })?.chosen.zone).toBe('east-1a')
})

it('never a PREEMPTED place while two others are ACTIVE, and of the rest the least used, the cheapest of those', () => {
  const zones = ['a1', 'a2', 'b1', 'b2', 'c1']
  const offers = fc.uniqueArray(
    fc.record({ zone: fc.constantFrom(...zones), price: fc.integer({ min: 1, max: 9 }) }),
    { selector: ({ zone }) => zone },
  )
  const some = fc.subarray(zones)
  const used = fc.array(fc.constantFrom(...zones), { maxLength: 8 })
  fc.assert(
    fc.property(offers, some, used, (priced, down, inUse) => {
      const given = priced.map(({ zone, price }) => offer(zone, price))
      const found = chooseLocation({
        candidates: given,
        health: down.map(preempted),
        inUse: inUse.map(place),
      })
      const actives = given.filter(({ zone }) => !down.includes(zone))
      const isReset = actives.length < Math.min(2, given.length)
      const cost = ({ zone, priceUsdPerHour }: (typeof given)[number]): number =>
        inUse.filter((one) => one === zone).length * 100 + priceUsdPerHour
      const best = Math.min(...(isReset ? given : actives).map(cost))
      expect(found?.isReset).toBe(given.length === 0 ? undefined : isReset)
      expect(found === null ? Infinity : cost(found.chosen)).toBe(best)
      expect(isReset || found === null || actives.includes(found.chosen)).toBe(true)
    }),
  )
})
