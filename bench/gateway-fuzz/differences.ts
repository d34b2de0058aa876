import type { ReadRequest } from '../../packages/gateway/test/request-reader.ts'
import type { Outcome } from './lane.ts'
import type { ProxyName } from './proxies.ts'
import { explanationOfFault, peerRules } from './explanations.ts'

/** Why two proxies treated the same bytes differently. */
export interface Difference {
  /** Names the class in the report. */
  readonly name: string
  /** '' for one that nobody has explained: a failure. */
  readonly why: string
}

/** Null when a peer did the same as ours. */
export function differenceOf(
  ours: Outcome,
  peer: Outcome,
  peerName: ProxyName,
  sent: string,
): Difference | null {
  const at = firstDifference(ours, peer)
  if (at >= 0) return explain({ ours, peer, peerName, sent, at })
  const last = Math.max(ours.requests.length, 0)
  const [own, other] = [ours.got[last], peer.got[last]]
  if (
    own?.status !== other?.status ||
    ours.isClosed !== peer.isClosed ||
    ours.got.length !== peer.got.length
  ) {
    return explain({ ours, peer, peerName, sent, at: last })
  }
  return null
}

function firstDifference(ours: Outcome, peer: Outcome): number {
  const count = Math.max(ours.requests.length, peer.requests.length)
  for (let at = 0; at < count; at += 1) {
    if (!areAlike(ours.requests[at], peer.requests[at])) return at
  }
  return -1
}

/** The version is each hop's own (RFC 9112 2.3). */
export function areAlike(one: ReadRequest | undefined, other: ReadRequest | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  const { method, target, host, body } = one
  return method === other.method && target === other.target && host === other.host && body === other.body
}

/** Two outcomes that part at the request with this index. */
export interface Parting {
  readonly ours: Outcome
  readonly peer: Outcome
  readonly peerName: ProxyName
  readonly sent: string
  readonly at: number
}

function explain(parting: Parting): Difference {
  const { ours, peerName, at } = parting
  const own = ours.got[at]
  if (own?.isOwn === true) {
    const why = explanationOfFault(own.fault)
    return { name: `we refuse: ${own.fault} (${peerName} ${whatPeerDid(parting)})`, why }
  }
  for (const { name, why, matches } of peerRules) {
    if (matches(parting)) return { name: `${peerName}: ${name}`, why }
  }
  return { name: `${peerName}: unexplained`, why: '' }
}

function whatPeerDid({ ours, peer, at }: Parting): string {
  if (peer.requests.length > ours.requests.length) return 'forwards'
  const got = peer.got[at]
  if (got?.isOwn === true) return 'refuses'
  return peer.isClosed ? 'closes' : 'waits'
}
