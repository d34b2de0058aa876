import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AddressRanges } from '../src/address-ranges.ts'

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')
}

/** The definition of a prefix: the first `bits` bits agree. */
function agree(one: bigint, other: bigint, { bits, width }: { bits: number; width: number }): boolean {
  return one >> BigInt(width - bits) === other >> BigInt(width - bits)
}

function hextets(address: bigint): string {
  return Array.from({ length: 8 }, (_, at) =>
    ((address >> BigInt(112 - at * 16)) & 0xffffn).toString(16),
  ).join(':')
}

const ipv4 = fc.integer({ min: 0, max: 0xffff_ffff })
const ipv6 = fc.bigInt({ min: 1n << 120n, max: (1n << 128n) - 1n })

describe('ranges of addresses', () => {
  test('hold an IPv4 address exactly when its prefix agrees, in either form of it', () => {
    fc.assert(
      fc.property(
        ipv4,
        fc.integer({ min: 0, max: 32 }),
        fc.integer({ min: 0, max: 31 }),
        (base, bits, flip) => {
          const other = (base ^ (1 << flip)) >>> 0
          const ranges = new AddressRanges([`${dotted(base)}/${bits}`])
          const expected = agree(BigInt(base), BigInt(other), { bits, width: 32 })
          expect(ranges.has(dotted(base))).toBe(true)
          expect(ranges.has(dotted(other))).toBe(expected)
          expect(ranges.has(`::ffff:${dotted(other)}`)).toBe(expected)
        },
      ),
    )
  })

  test('hold an IPv6 address exactly when its prefix agrees', () => {
    fc.assert(
      fc.property(
        ipv6,
        fc.integer({ min: 0, max: 128 }),
        fc.integer({ min: 0, max: 119 }),
        (base, bits, flip) => {
          const other = base ^ (1n << BigInt(flip))
          const ranges = new AddressRanges([`${hextets(base)}/${bits}`])
          expect(ranges.has(hextets(base))).toBe(true)
          expect(ranges.has(hextets(other))).toBe(agree(base, other, { bits, width: 128 }))
        },
      ),
    )
  })

  test('hold one address, one with a zone, and nothing that is no address', () => {
    const ranges = new AddressRanges(['10.1.2.3', 'fe80::/10', '2001:db8::7'])
    const held = ['10.1.2.3', 'fe80::1%eth0', '2001:db8::7', '10.1.2.4', '2001:db8::8', '', 'localhost']
    expect(held.map((address) => ranges.has(address))).toEqual([true, true, true, false, false, false, false])
  })
})
