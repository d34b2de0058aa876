import { InvalidArgumentError } from 'commander'
import { SkykeepError } from '@skykeep/core/errors'
import { eventTypes, type EventType } from '@skykeep/core/events'
import { unknownWord } from '@skykeep/spec/suggest'

/** What the values of options and arguments may be; each throws commander's refusal with what to give instead. */

/** Gathers an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

export function positive(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('Give a whole number above 0.')
}

/** Gathers an argument that may be given several times. */
export function positives(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, positive(text)]
}

export function atMost(max: number): (text: string) => number {
  return (text) => {
    const value = positive(text)
    if (value <= max) return value
    throw new InvalidArgumentError(`At most ${max.toLocaleString('en')}.`)
  }
}

export function within(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`)
  }
}

/** Up to a day. */
export const seconds = within(0, 86_400)

const durationSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `30d`: seconds, up to ten years. */
export function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text.trim()) ?? []
  const value = Number(count) * (durationSeconds[unit] ?? 0)
  if (value >= 1 && value <= 3650 * 86_400) return value
  throw new InvalidArgumentError('Give a time from 1s to 3650d, such as 12h or 30d.')
}

/** `10,50`: rising shares. */
export function percents(text: string): readonly number[] {
  const values = text.split(',').map(within(1, 99))
  if (values.every((value, at) => value > (values[at - 1] ?? 0))) return values
  throw new InvalidArgumentError('Give rising percents, as in 10,50.')
}

/** `1 2`: two versions. Throws INVALID_INPUT. */
export function twoVersions(given: readonly string[]): readonly [number, number] {
  const [from = 0, to = 0] = given.map(Number)
  if (given.length === 2 && [from, to].every((version) => Number.isSafeInteger(version) && version > 0))
    return [from, to]
  throw new SkykeepError('INVALID_INPUT', `--diff ${given.join(' ')}: not two versions`, {
    hint: 'Give two numbers, as in `--diff 1 2`; without `--diff` you see which there are.',
  })
}

/** `service.scaled,replica.created`: some types of events. */
export function someEventTypes(text: string, before: readonly EventType[] = []): readonly EventType[] {
  const types = text.split(',').map((each) => {
    const word = each.trim()
    const known = eventTypes.find((type) => type === word)
    if (known !== undefined) return known
    throw new InvalidArgumentError(sentence(unknownWord('event type', word, eventTypes)))
  })
  return [...before, ...types]
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('?') ? '' : '.'}`
}
