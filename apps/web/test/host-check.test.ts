import { describe, expect, it } from 'vitest'
import { refusalOf, type RequestSource } from '../src/server/host-check.ts'

const own = { port: 46580, allowedHosts: ['sky.example.org'] }
const source = (changes: Partial<RequestSource>): RequestSource => ({
  method: 'POST',
  host: '127.0.0.1:46580',
  origin: 'http://127.0.0.1:46580',
  secFetchSite: 'same-origin',
  hasCookie: true,
  ...changes,
})

describe('invariant 17: no other origin acts as the admin', () => {
  it.each([
    ['our own page', {}, true],
    [
      'our own page by another loopback name',
      { host: 'localhost:46580', origin: 'http://localhost:46580' },
      true,
    ],
    ['our own page over IPv6', { host: '[::1]:46580', origin: 'http://[::1]:46580' }, true],
    ['a configured name behind TLS', { host: 'Sky.example.org', origin: 'https://sky.example.org' }, true],
    [
      'a workload on another port of this host',
      { origin: 'http://127.0.0.1:30001', secFetchSite: 'same-site' },
      false,
    ],
    ['a page without an origin', { origin: 'null' }, false],
    ['a mutation with no Origin', { origin: null }, false],
    ['another loopback name than the Host', { origin: 'http://localhost:46580' }, false],
    ['a rebound name', { host: 'evil.example:46580', origin: 'http://evil.example:46580' }, false],
    ['a rebound name that only reads', { host: 'evil.example:46580', method: 'GET', origin: null }, false],
    ['our host on another port', { host: '127.0.0.1:30001' }, false],
    ['no Host', { host: null }, false],
    ['a program with a token and no cookie', { hasCookie: false, origin: null }, true],
    ['a read by a click on a link', { method: 'GET', origin: null, secFetchSite: 'cross-site' }, true],
    [
      'a read by a script of a workload',
      { method: 'GET', origin: 'http://127.0.0.1:30001', secFetchSite: 'same-site' },
      false,
    ],
  ])('%s', (_name, changes, isAllowed) => {
    expect(refusalOf(source(changes), own) === null).toBe(isAllowed)
  })
})
