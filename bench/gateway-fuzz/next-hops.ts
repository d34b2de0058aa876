import { lastRequest } from './byte-streams.ts'
import type { Finding } from './case-check.ts'
import { areAlike } from './differences.ts'
import { undecodable } from './explanations.ts'
import { sendThrough } from './lane.ts'
import type { Lane, Outcome } from './lane.ts'
import { proxyNames } from './proxies.ts'
import { readRequests } from '../../packages/gateway/test/request-reader.ts'
import type { ReadRequest } from '../../packages/gateway/test/request-reader.ts'

/** Why a proxy behind ours refuses a request that RFC 9112 allows: a request lost, none hidden. */
const refusals: readonly {
  readonly what: string
  readonly why: string
  readonly matches: (request: ReadRequest) => boolean
}[] = [
  {
    what: 'a method that it does not know',
    why: 'RFC 9110 9.1 leaves the set of methods open; nginx takes capitals, _ and -, and no TRACE or CONNECT',
    matches: ({ method }) => /^TRACE$|[^A-Z_-]/.test(method),
  },
  {
    what: 'a path that climbs above the root, or an escape that is none',
    why: 'nginx decodes the path to choose a location; RFC 9110 7.1 lets a gateway pass it as it is',
    matches: ({ line }) => undecodable.test(line),
  },
  { what: 'the target *', why: 'nginx has no location for it', matches: ({ target }) => target === '*' },
]

/**
 * What ours forwards is sent on through nginx and HAProxy, as where a replica stands behind one of them: each must see the requests that the reference
 * reader sees; it may refuse one, never see others.
 */
export async function checkNextHops(
  peers: readonly Lane[],
  forwarded: readonly string[],
  quietMs: number,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const text of forwarded) {
    const { requests, rest } = readRequests(text)
    if (rest !== 'whole') continue
    const whole = text + lastRequest
    const stream = { seed: 0, text: whole, pieces: [Buffer.from(whole, 'latin1')] }
    const outcomes = await sendThrough(peers, stream, quietMs)
    outcomes.forEach((outcome, at) => {
      const finding = judge(outcome, requests, proxyNames[at + 1] ?? 'nginx')
      if (finding !== null) findings.push(finding)
    })
  }
  return findings
}

function judge(outcome: Outcome, expected: readonly ReadRequest[], peerName: string): Finding | null {
  const seen = outcome.requests
  const at = seen.findIndex((request, nth) => !areAlike(request, expected[nth]))
  const isEnd = at === expected.length && seen.length === at + 1 && seen[at]?.target === '/end'
  if (isEnd) return null
  const detail = JSON.stringify({ expected, outcome })
  const refused = expected[seen.length]
  if (at >= 0 || refused === undefined)
    return { name: `${peerName} behind ours reads other requests than ours forwards`, why: '', detail }
  const refusal = refusals.find(({ matches }) => matches(refused))
  const name = `${peerName} behind ours refuses ${refusal?.what ?? 'a request'}`
  return { name, why: refusal?.why ?? '', detail }
}
