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

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const dotted = new RegExp(`^${octet}(?:\\.${octet}){3}$`)

/** Four decimal octets without leading zeros: with them some read octal. */
function isIPv4(text: string): boolean {
  return dotted.test(text)
}

/** RFC 4291 §2.2, without a zone: eight groups of 1 to 4 hex digits, one run of zeros as `::`, the last two groups as IPv4 or not. */
function isIPv6(text: string): boolean {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return false
  const groups = [head, tail ?? ''].flatMap((side) => (side === '' ? [] : side.split(':')))
  if (tail === undefined && head === '') return false
  const last = groups.at(-1) ?? ''
  const isMixed = last.includes('.')
  if (isMixed && (!isIPv4(last) || text.endsWith('::'))) return false
  const count = groups.length + (isMixed ? 1 : 0)
  const hex = isMixed ? groups.slice(0, -1) : groups
  return hex.every((group) => /^[\da-f]{1,4}$/i.test(group)) && (tail === undefined ? count === 8 : count < 8)
}
