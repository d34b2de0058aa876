import { describe, expect, it } from 'vitest'
import type { Ejection, GatewayStatus } from '../src/routes.ts'
import { takenOutBy, takenOutWords } from '../src/taken-out.ts'

const refused = 'connect: ECONNREFUSED'

const saying = (...ejected: readonly Ejection[]): GatewayStatus => ({
  slot: 0,
  pid: 1,
  epoch: 'e',
  appliedVersion: 1,
  boundPorts: [],
  blockedPorts: [],
  inFlight: {},
  ejected,
  siblings: [],
})

describe('what gateway processes have taken out', () => {
  it('is nothing where nobody says so, or nobody answers', () => {
    expect(takenOutBy([]).size).toBe(0)
    expect(takenOutBy([saying(), saying()]).size).toBe(0)
  })

  it('counts the processes that have a replica out, and tells since when and why of the first one', () => {
    const late = { replicaUid: 'rep_1', reason: 'ECONNRESET', sinceMs: 9 }
    const early = { replicaUid: 'rep_1', reason: refused, sinceMs: 5 }
    const other = { replicaUid: 'rep_2', reason: refused, sinceMs: 7 }
    const found = takenOutBy([saying(late, other), saying(early), saying()])
    expect(Object.fromEntries(found)).toEqual({
      rep_1: { reason: refused, sinceMs: 5, gateways: 2, ofGateways: 3 },
      rep_2: { reason: refused, sinceMs: 7, gateways: 1, ofGateways: 3 },
    })
  })

  it('says the gateway where all processes agree, else how many', () => {
    const view = { reason: refused, sinceMs: 5 }
    expect(takenOutWords({ ...view, gateways: 2, ofGateways: 2 })).toBe('taken out by the gateway')
    expect(takenOutWords({ ...view, gateways: 1, ofGateways: 2 })).toBe(
      'taken out by 1 of 2 gateway processes',
    )
  })
})
