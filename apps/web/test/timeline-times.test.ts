import { expect, it } from 'vitest'
import { localMinute, timeOfLocal, timeOfUrl } from '#src/format/local-minute.ts'
import { lastNight, quickViews } from '#src/features/timeline/quick-views.ts'

const at = (hour: number): number => new Date(2026, 2, 5, hour, 30).getTime()

it.each([
  { hour: 2, day: 4 },
  { hour: 11, day: 4 },
  { hour: 17, day: 4 },
  { hour: 19, day: 5 },
])('last night, seen at $hour:30, began on day $day at six in the evening', ({ hour, day }) => {
  expect(lastNight(at(hour))).toEqual({
    fromMs: new Date(2026, 2, day, 18).getTime(),
    untilMs: new Date(2026, 2, day + 1, 8).getTime(),
  })
})

it('one look is the scaling of last night alone', () => {
  const { fromMs, untilMs } = lastNight(at(11))
  const look = quickViews.find(({ label }) => label === 'Scaling last night')
  expect(look?.patch(at(11))).toEqual({
    type: 'service.scaled',
    from: String(fromMs),
    until: String(untilMs),
  })
})

it('a moment goes to a field and back to the minute; nonsense is none', () => {
  expect(timeOfLocal(localMinute(at(14)))).toBe(at(14))
  expect(timeOfLocal('')).toBeNull()
  for (const nonsense of [null, '', '-1', '1e9', 'yesterday', '9'.repeat(16)])
    expect(timeOfUrl(nonsense)).toBeNull()
})
