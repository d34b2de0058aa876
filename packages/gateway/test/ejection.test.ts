import { describe, expect, it } from 'vitest'
import { isOwnShortage } from '../src/ejection.ts'

describe('whose fault an error is', () => {
  it.each(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM'])(
    "%s is the gateway's own shortage and takes no replica out",
    (code) => {
      expect(isOwnShortage(code)).toBe(true)
    },
  )

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', '', null])(
    '%s speaks of the replica',
    (code) => {
      expect(isOwnShortage(code)).toBe(false)
    },
  )
})
