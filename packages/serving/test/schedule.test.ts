import { weekdays, type OffHours, type ScheduleSpec, type Weekday } from '@skykeep/core/service-spec'
import { describe, expect, it } from 'vitest'
import { scheduleAt } from '../src/schedule.ts'

const workdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri']

function off(from: string, to: string, days: readonly Weekday[] = weekdays): OffHours {
  return { days, from, to }
}

function schedule(
  offHours: readonly OffHours[],
  changes: Partial<Omit<ScheduleSpec, 'offHours'>> = {},
): ScheduleSpec {
  return { timeZone: 'Europe/Berlin', offHours, replicas: 0, warmUpMinutes: 0, ...changes }
}

const ms = (iso: string): number => Date.parse(iso)
const iso = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString().replace(':00.000Z', 'Z')

/** `off until 05:00Z`, `open until 18:00Z` or `never`: what a test compares. */
function seen(spec: ScheduleSpec, now: string): string {
  const { isOff, nextChangeAtMs, opensAtMs, isWarmingUp } = scheduleAt(spec, ms(now))
  if (!isOff) return `open until ${iso(nextChangeAtMs) ?? 'ever'}`
  return `${isWarmingUp ? 'warming up' : 'off'} until ${iso(nextChangeAtMs) ?? 'ever'}, opens ${iso(opensAtMs) ?? 'never'}`
}

describe('windows of a week', () => {
  const nights = schedule([off('20:00', '07:00', workdays)])
  it.each([
    ['before the first night', nights, '2026-11-23T18:59Z', 'open until 2026-11-23T19:00Z'],
    [
      'from its first minute',
      nights,
      '2026-11-23T19:00Z',
      'off until 2026-11-24T06:00Z, opens 2026-11-24T06:00Z',
    ],
    ['after midnight', nights, '2026-11-24T03:00Z', 'off until 2026-11-24T06:00Z, opens 2026-11-24T06:00Z'],
    ['open at its last', nights, '2026-11-24T06:00Z', 'open until 2026-11-24T19:00Z'],
    [
      'friday night ends on saturday',
      nights,
      '2026-11-28T05:59Z',
      'off until 2026-11-28T06:00Z, opens 2026-11-28T06:00Z',
    ],
    [
      'the weekend is open, over the end of the week',
      nights,
      '2026-11-28T12:00Z',
      'open until 2026-11-30T19:00Z',
    ],
    [
      'sunday night ends on monday',
      schedule([off('22:00', '06:00', ['sun'])]),
      '2026-11-30T04:00Z',
      'off until 2026-11-30T05:00Z, opens 2026-11-30T05:00Z',
    ],
    [
      'within a day',
      schedule([off('12:00', '13:00', ['tue'])]),
      '2026-11-24T13:00Z',
      'open until 2026-12-01T11:00Z',
    ],
    [
      'overlapping windows are one',
      schedule([off('20:00', '02:00'), off('01:00', '05:00'), off('23:00', '23:30')]),
      '2026-11-23T20:00Z',
      'off until 2026-11-24T04:00Z, opens 2026-11-24T04:00Z',
    ],
    [
      'touching windows are one',
      schedule([off('20:00', '00:00'), off('00:00', '05:00')]),
      '2026-11-23T20:00Z',
      'off until 2026-11-24T04:00Z, opens 2026-11-24T04:00Z',
    ],
    [
      'a night and the weekend after it',
      schedule([off('20:00', '07:00', workdays), off('00:00', '00:00', ['sat', 'sun'])]),
      '2026-11-27T20:00Z',
      'off until 2026-11-29T23:00Z, opens 2026-11-29T23:00Z',
    ],
    ['all the time', schedule([off('00:00', '00:00')]), '2026-11-23T12:00Z', 'off until ever, opens never'],
    [
      'all the time, in parts',
      schedule([off('08:00', '20:00'), off('19:00', '08:00')]),
      '2026-11-23T12:00Z',
      'off until ever, opens never',
    ],
    [
      'one minute a week is open',
      schedule([
        off('00:00', '00:00', ['mon', 'tue', 'wed', 'thu', 'fri', 'sat']),
        off('00:00', '23:59', ['sun']),
      ]),
      '2026-11-23T12:00Z',
      'off until 2026-11-29T22:59Z, opens 2026-11-29T22:59Z',
    ],
    ['no window', schedule([]), '2026-11-23T12:00Z', 'open until ever'],
    ['a window of no day', schedule([off('08:00', '20:00', [])]), '2026-11-23T12:00Z', 'open until ever'],
    [
      'a quarter of an hour from UTC',
      schedule([off('20:00', '07:00')], { timeZone: 'Asia/Kathmandu' }),
      '2026-11-23T15:00Z',
      'off until 2026-11-24T01:15Z, opens 2026-11-24T01:15Z',
    ],
  ])('%s', (_, spec, now, expected) => {
    expect(seen(spec, now)).toBe(expected)
  })
})

describe('where clocks change', () => {
  // Berlin: 02:00 becomes 03:00 on 2026-03-29, and 03:00 becomes 02:00 on 2026-10-25, both at 01:00Z.
  it.each([
    [
      'a night is an hour shorter in spring',
      off('20:00', '07:00'),
      '2026-03-28T22:00Z',
      'off until 2026-03-29T05:00Z, opens 2026-03-29T05:00Z',
    ],
    [
      'and an hour longer in autumn',
      off('20:00', '07:00'),
      '2026-10-24T22:00Z',
      'off until 2026-10-25T06:00Z, opens 2026-10-25T06:00Z',
    ],
    [
      'begins in the skipped hour: at the skip',
      off('02:30', '05:00'),
      '2026-03-29T00:30Z',
      'open until 2026-03-29T01:00Z',
    ],
    [
      'ends in the skipped hour: at the skip',
      off('00:00', '02:30'),
      '2026-03-29T00:30Z',
      'off until 2026-03-29T01:00Z, opens 2026-03-29T01:00Z',
    ],
    [
      'lies in the skipped hour: not at all',
      off('02:10', '02:50'),
      '2026-03-29T00:30Z',
      'open until 2026-03-30T00:10Z',
    ],
    [
      'begins in the doubled hour: the first time',
      off('02:30', '05:00'),
      '2026-10-25T00:20Z',
      'open until 2026-10-25T00:30Z',
    ],
    [
      'and stays off the second time',
      off('02:30', '05:00'),
      '2026-10-25T01:10Z',
      'off until 2026-10-25T04:00Z, opens 2026-10-25T04:00Z',
    ],
    [
      'ends in the doubled hour: the first time',
      off('00:00', '02:30'),
      '2026-10-25T00:20Z',
      'off until 2026-10-25T00:30Z, opens 2026-10-25T00:30Z',
    ],
    [
      'and stays open the second time',
      off('00:00', '02:30'),
      '2026-10-25T01:10Z',
      'open until 2026-10-25T23:00Z',
    ],
  ])('%s', (_, window, now, expected) => {
    expect(seen(schedule([window]), now)).toBe(expected)
  })

  it('one hour a week is open, and the clocks skip it: opens a week later', () => {
    const spec = schedule([
      off('00:00', '00:00', ['mon', 'tue', 'wed', 'thu', 'fri', 'sat']),
      off('00:00', '02:00', ['sun']),
      off('03:00', '00:00', ['sun']),
    ])
    expect(seen(spec, '2026-03-27T12:00Z')).toBe('off until 2026-04-05T00:00Z, opens 2026-04-05T00:00Z')
  })
})

describe('warm-up', () => {
  const spec = schedule([off('20:00', '07:00')], { warmUpMinutes: 10, replicas: 1 })
  it.each([
    [
      'off',
      '2026-11-24T05:49Z',
      { isOff: true, isWarmingUp: false, replicas: 1, nextChangeAtMs: ms('2026-11-24T05:50Z') },
    ],
    [
      'starts in time',
      '2026-11-24T05:50Z',
      { isOff: true, isWarmingUp: true, replicas: null, nextChangeAtMs: ms('2026-11-24T06:00Z') },
    ],
    [
      'open',
      '2026-11-24T06:00Z',
      { isOff: false, isWarmingUp: false, replicas: null, nextChangeAtMs: ms('2026-11-24T19:00Z') },
    ],
  ])('%s', (_, now, expected) => {
    expect(scheduleAt(spec, ms(now))).toMatchObject(expected)
  })

  it('is real minutes, over a change of the clocks', () => {
    const shifted = schedule([off('00:00', '03:30')], { warmUpMinutes: 60 })
    expect(seen(shifted, '2026-03-29T00:20Z')).toBe('off until 2026-03-29T00:30Z, opens 2026-03-29T01:30Z')
  })

  it('that is longer than the window leaves nothing off', () => {
    const short = schedule([off('12:00', '12:30')], { warmUpMinutes: 60 })
    expect(scheduleAt(short, ms('2026-11-24T11:00Z'))).toMatchObject({ isWarmingUp: true, replicas: null })
  })
})

describe('a schedule that cannot be read is never off', () => {
  it.each([
    ['a zone that does not exist', schedule([off('00:00', '00:00')], { timeZone: 'Mars/Olympus' })],
    ['a time that does not exist', schedule([off('25:99', '00:00')])],
  ])('%s', (_, spec) => {
    expect(seen(spec, '2026-11-24T12:00Z')).toBe('open until ever')
  })
})
