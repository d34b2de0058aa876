import { createHash } from 'node:crypto'

/** A number in [0, 1) that depends on the seed and the parts alone: chance without a generator's state. */
export function unit(seed: string, ...parts: readonly string[]): number {
  return (
    createHash('sha256')
      .update([seed, ...parts].join('\n'))
      .digest()
      .readUIntBE(0, 6) /
    2 ** 48
  )
}
