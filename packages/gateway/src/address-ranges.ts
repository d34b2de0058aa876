import { BlockList, isIPv4, isIPv6 } from 'node:net'

const mappedPrefix = '::ffff:'

/** Ranges of IP addresses (CIDR, RFC 4632 and RFC 4291 §2.3). An IPv4 address in IPv6 form is that IPv4 address (RFC 4291 §2.5.5.2). */
export class AddressRanges {
  readonly ranges: readonly string[]
  private readonly list = new BlockList()

  /** @param ranges such as `10.0.0.0/8`, `2001:db8::/32`, or one address. What is none of these holds no address. */
  constructor(ranges: readonly string[]) {
    this.ranges = ranges
    for (const range of ranges) this.add(range)
  }

  private add(range: string): void {
    const [address = '', length] = range.split('/')
    const bits = Number(length ?? (isIPv4(address) ? 32 : 128))
    if (isIPv4(address) && bits <= 32) this.list.addSubnet(address, bits, 'ipv4')
    else if (isIPv6(address) && bits <= 128) this.list.addSubnet(address, bits, 'ipv6')
  }

  /** @param address as a socket gives it: IPv4, IPv6 with or without a zone, or IPv4 in IPv6 form. */
  has(address: string): boolean {
    const bare = address.split('%', 1)[0] ?? ''
    const plain = bare.toLowerCase().startsWith(mappedPrefix) ? bare.slice(mappedPrefix.length) : bare
    if (isIPv4(plain)) return this.list.check(plain, 'ipv4')
    return isIPv6(bare) && this.list.check(bare, 'ipv6')
  }
}
