import type { ByteStream } from './byte-streams.ts'
import { differenceOf } from './differences.ts'
import { sendThrough } from './lane.ts'
import { checkNextHops } from './next-hops.ts'
import type { Lane, Outcome } from './lane.ts'
import { proxyNames } from './proxies.ts'
import { readRequests } from '../../packages/gateway/test/request-reader.ts'
import type { Seen, SecondReaders } from './second-readers.ts'

/** One thing that was noted about a case. */
export interface Finding {
  readonly name: string
  /** '' for a failure. */
  readonly why: string
  readonly detail: string
}

/** Sends a stream through all proxies and judges what came of it. */
export async function checkCase(
  place: readonly Lane[],
  stream: ByteStream,
  how: {
    readonly quietMs: number
    readonly readers: SecondReaders
    readonly onOutcomes?: (outcomes: readonly Outcome[]) => void
  },
): Promise<Finding[]> {
  const outcomes = await sendThrough(place, stream, how.quietMs)
  const [ours, ...peers] = outcomes
  if (ours === undefined) return []
  how.onOutcomes?.(outcomes)
  const findings = ownFaults(ours)
  findings.push(...(await checkNextHops(place.slice(1), ours.forwarded, how.quietMs)))
  for (const text of ours.forwarded) findings.push(...disagreements(text, await how.readers.read(text)))
  peers.forEach((peer, at) => {
    const peerName = proxyNames[at + 1] ?? 'nginx'
    const difference = differenceOf(ours, peer, peerName, stream.text)
    if (difference === null) return
    const shown = (outcome: Outcome): string =>
      JSON.stringify({
        ...outcome,
        forwarded: undefined,
        requests: outcome.requests.map(
          ({ method, target, host, body }) => `${method} ${target} ${host} ${body.slice(0, 60)}`,
        ),
      })
    findings.push({ ...difference, detail: `ours ${shown(ours)} ${peerName} ${shown(peer)}` })
  })
  return findings
}

/** What ours must never do, whatever others do. */
function ownFaults(ours: Outcome): Finding[] {
  const found: Finding[] = []
  const fail = (name: string): void => void found.push({ name, why: '', detail: JSON.stringify(ours) })
  if (ours.rest === 'unreadable') fail('ours forwards what a sender may not write')
  if (!ours.requests.every(({ line }) => line.endsWith(' HTTP/1.1'))) fail('ours forwards another version')
  const refusedAt = ours.got.findIndex(({ isOwn }) => isOwn)
  if (refusedAt >= 0 && !ours.isClosed) fail('ours goes on after a refusal')
  if (refusedAt >= 0 && refusedAt < ours.got.length - 1) fail('ours answers behind a refusal')
  if (refusedAt >= 0 && ours.requests.length > refusedAt) fail('ours forwards behind a refusal')
  if (ours.got.some(({ isOwn, status }) => isOwn && status >= 500 && status !== 505))
    fail('ours blames the replica')
  const answered = ours.got.filter(({ isOwn }) => !isOwn).length
  if (answered !== ours.requests.length)
    fail('a forwarded request without its answer, or the other way round')
  return found
}

/** Readers of the forwarded bytes must see the requests that the reference reader sees; one may refuse, never see others. */
function disagreements(text: string, seen: readonly Seen[]): Finding[] {
  const expected = readRequests(text).requests.map(({ method, target, body }) => [method, target, body])
  return seen.flatMap(({ reader, requests, error }) => {
    if (JSON.stringify(requests) === JSON.stringify(expected) && (error === '' || isCut(text))) return []
    const isPrefix = requests.every((each, at) => JSON.stringify(each) === JSON.stringify(expected[at]))
    const detail = JSON.stringify({ text, requests, error })
    if (isPrefix && error !== '')
      return [{ name: `${reader} refuses what ours forwards: ${error}`, why: refusalOf(error, text), detail }]
    return [{ name: `${reader} reads other requests than ours forwards`, why: '', detail }]
  })
}

function isCut(text: string): boolean {
  return readRequests(text).rest === 'cut'
}

/** Why a reader refuses a request that RFC 9112 allows: a request lost, none hidden. */
function refusalOf(error: string, text: string): string {
  if (/[Ii]nvalid method|HttpParserInvalidMethod|Expected space after method/.test(error))
    return 'a parser that knows a closed list of methods; RFC 9110 16.1 leaves it open'
  if (/invalid transfer-encoding/.test(error) && /^transfer-encoding[^:\r]+:/im.test(text))
    return 'an old parser that takes every name which begins with Transfer-Encoding for it, and refuses'
  if (/chunk/i.test(error) && /\r\n[\da-f]+;/i.test(text))
    return 'a chunk extension that the parser does not take; RFC 9112 7.1.1'
  return ''
}
