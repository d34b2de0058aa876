import { isIP } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rangeFault } from '../src/address-range.ts'
import { parsed, problemsOf, serviceYaml } from './parse.ts'
import { service } from './tables.ts'

const access = (text: string): string => service(`load_balancer:\n  access: {${text}}`)

describe('service.load_balancer.access', () => {
  it('is absent unless it is written', () => {
    expect(parsed(serviceYaml()).spec.service.access).toBe(undefined)
  })

  it('reads every key', () => {
    const text =
      'allow: [10.0.0.0/8, "2001:db8::/32", 192.0.2.7], require_key: true, forward_key: on, allow_preflight: yes, requests_per_second: 0.5, burst: 3, key_requests_per_second: 10, key_burst: 20'
    expect(parsed(access(text)).spec.service.access).toEqual({
      allow: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.7'],
      requireKey: true,
      forwardKey: true,
      allowPreflight: true,
      requestsPerSecond: 0.5,
      burst: 3,
      keyRequestsPerSecond: 10,
      keyBurst: 20,
    })
  })

  it.each([
    ['allow: []', 'allow'],
    ['allow: 10.0.0.0/8', 'allow'],
    ['allow: [hello]', 'allow[0]'],
    ['allow: [10.0.0.0/8, 10.1.2.3/8]', 'allow[1]'],
    ['require_key: 1', 'require_key'],
    ['requests_per_second: 0', 'requests_per_second'],
    ['requests_per_second: 1, burst: 0.5', 'burst'],
    ['burst: 3', 'burst'],
    ['require_key: true, key_burst: 3', 'key_burst'],
    ['forward_key: true', 'forward_key'],
    ['require_key: false, allow_preflight: true', 'allow_preflight'],
    ['key_requests_per_second: 1', 'key_requests_per_second'],
    ['keys: true', 'keys'],
  ])('refuses %s at its place, with what to write', (text, key) => {
    const [problem, ...more] = problemsOf(access(text))
    expect(more).toEqual([])
    expect(problem?.path).toBe(`service.load_balancer.access.${key}`)
    expect(problem?.hint).not.toBe('')
  })
})

describe('a range of addresses', () => {
  it('is a single address exactly where the system takes it for one', () => {
    const piece = fc.constantFrom('0', '1', 'ff', 'abcd', '12345', '255', '256', '01', ':', '::', '.', 'g')
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.array(piece, { maxLength: 17 }).map((pieces) => pieces.join('')),
      fc
        .array(fc.constantFrom('0', '1', 'ff', '', '1.2.3.4'), { maxLength: 9 })
        .map((groups) => groups.join(':')),
    )
    fc.assert(
      fc.property(text, (address) => {
        const isOne = isIP(address) !== 0 && !address.toLowerCase().startsWith('::ffff:')
        expect(rangeFault(address) === null).toBe(isOne)
      }),
      { numRuns: 3000 },
    )
  })

  it.each(['0.0.0.0/0', '10.0.0.0/8', '192.0.2.7', '192.0.2.7/32', '::/0', '::1', '2001:db8::/32'])(
    '%s is one',
    (text) => expect(rangeFault(text)).toBe(null),
  )

  it.each([
    ['10.1.2.3/8', 'Write 10.0.0.0/8'],
    ['10.0.0.0/33', '10.0.0.0/32'],
    ['10.0.0.0/08', '10.0.0.0/32'],
    ['2001:db8::/129', '2001:db8::/128'],
    ['::ffff:10.0.0.0/104', 'Write it as IPv4'],
    ['fe80::1%eth0', 'for example'],
    ['010.0.0.0/8', 'for example'],
    ['10/8', 'for example'],
    ['10.0.0.0/8/8', 'for example'],
    ['localhost', 'for example'],
  ])('%s is none, and the hint says %j', (text, hint) => {
    expect(rangeFault(text)?.hint).toContain(hint)
  })
})
