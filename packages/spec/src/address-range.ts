import { isIPv4, isIPv6 } from 'node:net'

export interface RangeFault {
  readonly message: string
  readonly hint: string
}

/**
 * What is wrong with a range of IP addresses (RFC 4632, RFC 4291 §2.3) or a single address; null: nothing. Bits behind the prefix must be
 * 0 in IPv4, as a range that is written with others is mostly meant otherwise.
 */
export function rangeFault(text: string): RangeFault | null {
  const [address = '', length, ...more] = text.split('/')
  const width = isIPv4(address) ? 32 : isIPv6(address) && !address.includes('%') ? 128 : 0
  if (width === 0 || more.length > 0) {
    const message = `${JSON.stringify(text)} is not a range of IP addresses`
    return { message, hint: 'Write for example 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7.' }
  }
  if (width === 128 && address.toLowerCase().startsWith('::ffff:')) {
    const message = `${JSON.stringify(text)} is an IPv4 address in IPv6 form`
    return { message, hint: 'Write it as IPv4: it holds for both forms.' }
  }
  if (length === undefined) return null
  if (!/^(?:0|[1-9]\d{0,2})$/.test(length) || Number(length) > width) {
    const message = `${JSON.stringify(text)} has a prefix length that is not 0 to ${width}`
    return { message, hint: `Write for example ${address}/${width} for this one address.` }
  }
  const network = width === 32 ? networkOf(address, Number(length)) : address
  if (network === address) return null
  const message = `${JSON.stringify(text)} has bits set behind its prefix`
  return { message, hint: `Write ${network}/${length}, or ${address} for this one address.` }
}

function networkOf(address: string, bits: number): string {
  const value = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
  const size = 2 ** (32 - bits)
  const first = Math.floor(value / size) * size
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')
}
