import { InvalidArgumentError } from 'commander'

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

export function atMost(max: number): (text: string) => number {
  return (text) => {
    const value = positive(text)
    if (value <= max) return value
    throw new InvalidArgumentError(`At most ${max.toLocaleString('en')}.`)
  }
}
