import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { weekdays } from '@skykeep/core/service-spec'
import { parseOffHours } from '../src/off-hours.ts'
import { isTimeZone } from '../src/time-zone.ts'
import { parsed, problemsOf } from './parse.ts'
import { itReads, itRefuses, service, type Accepted, type Refused } from './tables.ts'

const workdays = ['mon', 'tue', 'wed', 'thu', 'fri']
const night = { days: weekdays, from: '20:00', to: '07:00' }
const schedule = (text: string): string =>
  service(
    `schedule:\n${text
      .split('\n')
      .map((line) => `  ${line}`)
      .join('\n')}`,
  )
const window = (text: string): string => schedule(`time_zone: UTC\noff_hours: [${text}]`)

const readSchedules = [
  ['no schedule', service('replicas: 1'), undefined],
  [
    'all that can be said',
    schedule(
      'time_zone: Europe/Berlin\nreplicas: 1\nwarm_up_minutes: 5\noff_hours:\n  - {days: [mon, tue], from: "20:00", to: "07:00"}\n  - sat-sun 00:00-24:00',
    ),
    {
      timeZone: 'Europe/Berlin',
      replicas: 1,
      warmUpMinutes: 5,
      offHours: [
        { days: ['mon', 'tue'], from: '20:00', to: '07:00' },
        { days: ['sat', 'sun'], from: '00:00', to: '00:00' },
      ],
    },
  ],
  [
    'what is not said',
    window('daily 20:00-07:00'),
    { timeZone: 'UTC', replicas: 0, warmUpMinutes: 10, offHours: [night] },
  ],
] as const

const readWindows = [
  ['a window without days', '{from: "20:00", to: "07:00"}', night],
  ['without quotes, which YAML 1.1 takes for 1200', '{from: 20:00, to: 07:00}', night],
  ['with one digit', '{from: 20:00, to: 7:00}', night],
  ['with days as text', '{days: mon-fri, from: "20:00", to: "07:00"}', { ...night, days: workdays }],
  [
    'with days as a list',
    '{days: [Monday, wed-FRI, tue], from: "20:00", to: "07:00"}',
    { ...night, days: workdays },
  ],
  [
    'over the end of the week',
    '{days: sun-mon, from: "20:00", to: "07:00"}',
    { ...night, days: ['mon', 'sun'] },
  ],
  ['to midnight', '{days: daily, from: "20:00", to: "24:00"}', { ...night, to: '00:00' }],
] as const

describe('off-hours are read', () => {
  itReads(
    readSchedules.map(([name, yaml, expected]): Accepted => [
      name,
      yaml,
      (s) => s.service.schedule,
      expected,
    ]),
  )
  itReads(
    readWindows.map(([name, yaml, expected]): Accepted => [
      name,
      window(yaml),
      (s) => s.service.schedule?.offHours,
      [expected],
    ]),
  )
})

const refused: readonly Refused[] = [
  [schedule('off_hours: [daily 20:00-07:00]'), 'service.schedule', /needs `time_zone`/, /Europe\/Berlin/],
  [
    schedule('time_zone: Europe/Berln\noff_hours: [daily 20:00-07:00]'),
    'service.schedule.time_zone',
    /IANA/,
    /Did you mean `Europe\/Berlin`/,
  ],
  [
    schedule('time_zone: new york\noff_hours: [daily 20:00-07:00]'),
    'service.schedule.time_zone',
    /IANA/,
    /Did you mean `America\/New_York`/,
  ],
  [
    schedule('time_zone: "+01:00"\noff_hours: [daily 20:00-07:00]'),
    'service.schedule.time_zone',
    /IANA/,
    /UTC/,
  ],
  [
    schedule('time_zone: 1\noff_hours: [daily 20:00-07:00]'),
    'service.schedule.time_zone',
    /text, not a number/,
    /quotes/,
  ],
  [schedule('time_zone: UTC'), 'service.schedule', /list of 1 to 50 windows/, /mon-fri 20:00-07:00/],
  [
    schedule('time_zone: UTC\noff_hours: []'),
    'service.schedule.off_hours',
    /list of 1 to 50 windows/,
    /mon-fri/,
  ],
  [
    schedule('time_zone: UTC\noff_hours: daily 20:00-07:00'),
    'service.schedule.off_hours',
    /list/,
    /- mon-fri/,
  ],
  [
    schedule('time_zone: UTC\noff_hours: [daily 20:00-07:00]\nreplicas: 2'),
    'service.schedule.replicas',
    /above the 1/,
    /fewer/,
  ],
  [
    schedule('time_zone: UTC\noff_hours: [daily 20:00-07:00]\nwarm_up_minutes: 121'),
    'service.schedule.warm_up_minutes',
    /0 to 120/,
    /120/,
  ],
  [
    window('{days: [mon, tues], from: "20:00", to: "07:00"}'),
    'service.schedule.off_hours[0].days',
    /days of the week/,
    /mon-fri/,
  ],
  [
    window('{days: [], from: "20:00", to: "07:00"}'),
    'service.schedule.off_hours[0].days',
    /days of the week/,
    /daily/,
  ],
  [
    window('{days: 1, from: "20:00", to: "07:00"}'),
    'service.schedule.off_hours[0].days',
    /days of the week/,
    /daily/,
  ],
  [window('{from: 1200, to: "07:00"}'), 'service.schedule.off_hours[0].from', /HH:MM/, /in quotes/],
  [window('{from: 20:60, to: "07:00"}'), 'service.schedule.off_hours[0].from', /00:00 to 23:59/, /20:00/],
  [window('{from: "24:00", to: "07:00"}'), 'service.schedule.off_hours[0].from', /23:59/, /20:00/],
  [window('{from: "20:00", to: 24:01}'), 'service.schedule.off_hours[0].to', /24:00/, /20:00/],
  [window('{from: "20:00"}'), 'service.schedule.off_hours[0]', /needs `to`/, /to: /],
  [window('daily 20:00'), 'service.schedule.off_hours[0]', /no window/, /mon-fri 20:00-07:00/],
  [window('12'), 'service.schedule.off_hours[0]', /text, not a number/, /quotes/],
  [window('[a]'), 'service.schedule.off_hours[0]', /must be a map/, /indented/],
]

describe('off-hours that cannot be are refused', () => {
  itRefuses(refused)
})

it('every window that is wrong is reported', () => {
  const problems = problemsOf(window('daily 20:00, daily 25:00-07:00, {from: "20:00", to: "07:00"}'))
  expect(problems.map(({ path }) => path)).toEqual([
    'service.schedule.off_hours[0]',
    'service.schedule.off_hours[1]',
  ])
})

describe('a window as a person types it', () => {
  it.each([
    ['mon-fri 20:00-07:00', workdays, '20:00', '07:00'],
    ['  Mon - Fri   20:00 - 7:00 ', workdays, '20:00', '07:00'],
    ['sat,sun 00:00-24:00', ['sat', 'sun'], '00:00', '00:00'],
    ['sat sun 0:00-24:00', ['sat', 'sun'], '00:00', '00:00'],
    ['fri-mon 22:30-06:15', ['mon', 'fri', 'sat', 'sun'], '22:30', '06:15'],
    ['daily 12:00-13:00', weekdays, '12:00', '13:00'],
    ['20:00-07:00', weekdays, '20:00', '07:00'],
  ])('%s', (text, days, from, ...[to]) => {
    expect(parseOffHours(text)).toEqual({ offHours: { days, from, to } })
  })

  it.each([
    ['', /no window/],
    ['mon-fri', /`mon` is no time to begin at/],
    ['mon-fri 20:00', /no window/],
    ['someday 20:00-07:00', /`someday` names no days: days are mon/],
    ['mon-fri-sun 20:00-07:00', /names no days/],
    ['mon 24:00-07:00', /`24:00` is no time to begin at/],
    ['mon 20:00-7', /`7` is no time to end at: times are HH:MM/],
    ['mon 8pm-7am', /`8pm` is no time/],
    [`mon ${'-'.repeat(10_000)}`, /no window/],
  ])('%s is refused with a sentence', (text, says) => {
    const read = parseOffHours(text)
    expect('problem' in read ? read.problem : '').toMatch(says)
  })

  it('no text breaks it, and what it reads says the same when it is written out', () => {
    const part = fc.constantFrom('mon', 'fri', '-', ',', ' ', '20:00', '7:00', '24:00', 'daily', 'x', ':')
    const typed = fc.oneof(
      fc.string(),
      fc.array(part).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(typed, (text) => {
        const read = parseOffHours(text)
        const again =
          'offHours' in read
            ? parseOffHours(`${read.offHours.days.join(',')} ${read.offHours.from}-${read.offHours.to}`)
            : read
        expect(again).toEqual(read)
      }),
    )
  })
})

it('a time zone is a name of the database, not an offset', () => {
  const names = ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+3', 'Asia/Calcutta']
  expect(names.filter((name) => !isTimeZone(name))).toEqual([])
  expect(['', '+01:00', 'Mars/Olympus', 'a b', 'UTC\n', '../etc'].filter((name) => isTimeZone(name))).toEqual(
    [],
  )
  expect(parsed(window('20:00-07:00')).spec.service.schedule?.timeZone).toBe('UTC')
})
