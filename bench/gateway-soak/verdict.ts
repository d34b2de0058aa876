import type { AccessEntry } from '@skykeep/gateway/access-log'
import type { Attempt } from './attempts.ts'
import type { Listed } from './bookkeeper.ts'
import type { Cause, Causes, Span } from './causes.ts'

/** Why an attempt failed. */
export interface Explanation {
  readonly cause: string
  /** A gateway has to name it among the requests that it broke. */
  readonly mustBeListed: boolean
}

/** What an attempt is judged by. */
export interface Evidence {
  readonly causes: Causes
  /** Lines of requests that did not end well, by path. */
  readonly lines: ReadonlyMap<string, AccessEntry>
  /** What gateways reported as broken, by path. */
  readonly listed: ReadonlyMap<string, Listed>
  /** Uids of replicas by the small number that lines name. */
  readonly replicas: ReadonlyMap<number, string>
}

/** Two processes note the same moment so far apart, ms. */
const slackMs = 50
/** A whole answer is noticed by its client so much later, at most, than the gateway had sent it. */
const noticedMs = 400
/** A connection to a replica that was killed may be used so much later, and only then be noticed. */
const staleMs = 10_000
/** Between two looks at the connections of all processes, ms, on a busy machine too. */
const betweenLooksMs = 1500
/** That a process was replaced is noted so much later, at most. */
const retirementNotedMs = 5000
/** A request whose answer began so long before it broke is in the journal: it is there 200 ms of the gateway's clock, and a sweep, after it came. */
const journaledMs = 250
const deaths = ['gateway process killed', 'gateway process stopped', 'gateway process told to end'] as const
/** Kinds of which a client that has had the first byte for a while knows that the replica has not said all of it, and nothing waits on the way. */
const openAnswers = /^(?:events|WebSocket)(?! over HTTP\/2)/

/** The cause that the run itself produced for the failure of an attempt; null: there is none. Pure. */
export function explain(attempt: Attempt, evidence: Evidence): Explanation | null {
  const { ending } = attempt
  if (ending.how === 'broken') return explainBreak(attempt, ending.code, evidence)
  if (ending.how === 'refused') return explainRefusal(attempt, ending.status, evidence)
  return null
}

function explainBreak(attempt: Attempt, code: string, evidence: Evidence): Explanation | null {
  const { causes } = evidence
  const during = spanOf(attempt)
  const death = attempt.connection === null ? null : causes.findOf(deaths, attempt.connection)
  if (death !== null && attempt.endedAtMs >= death.fromMs)
    return { cause: death.kind, mustBeListed: hadLasted(attempt, death) }
  if (attempt.kind.startsWith('cut') && attempt.replica !== '')
    return { cause: 'the replica gave a part of its answer', mustBeListed: true }
  if (isLateCaller(attempt, causes)) return { cause: 'gateway process told to end', mustBeListed: false }
  // A connection without a request has no replica to lose.
  const loss = attempt.path === '' ? null : lossOf(attempt, evidence)
  if (loss !== null) return { cause: 'replica killed', mustBeListed: true }
  if (code.includes('ECONNREFUSED')) {
    const gone =
      causes.find(['route removed'], attempt.service, during) ??
      causes.find(['every gateway process killed'], '', during)
    return gone === null ? null : { cause: gone.kind, mustBeListed: false }
  }
  if (neverTaken(attempt, causes)) return { cause: 'every gateway process killed', mustBeListed: false }
  return explainRetirement(attempt, evidence)
}

/** A connection that nobody has taken yet goes with the last process that listens. */
function neverTaken({ connection, epoch, startedAtMs, firstByteAtMs }: Attempt, causes: Causes): boolean {
  if (epoch !== '' || firstByteAtMs !== null) return false
  const begunAtMs = connection?.begunAtMs ?? startedAtMs
  const begun = { fromMs: begunAtMs - slackMs, toMs: begunAtMs }
  return causes.find(['every gateway process killed'], '', begun) !== null
}

/** It took the connection after its connections had been looked at, and before it heard that it is to end. */
function isLateCaller({ connection, firstByteAtMs }: Attempt, causes: Causes): boolean {
  if (connection === null || firstByteAtMs !== null) return false
  return causes.all.some(
    ({ kind, fromMs }) =>
      kind === 'gateway process told to end' && Math.abs(fromMs - connection.begunAtMs) < noticedMs,
  )
}

/** A connection that waits for its next request is closed a while after its process was replaced: one that is on its way then is not taken. */
function explainRetirement(attempt: Attempt, { causes }: Evidence): Explanation | null {
  const { connection, path, epoch, isReused, firstByteAtMs } = attempt
  const isIdle = path === '' || (isReused && firstByteAtMs === null)
  if (connection === null || !isIdle) return null
  const kinds = ['gateway process retired'] as const
  const noted = { fromMs: attempt.startedAtMs, toMs: attempt.endedAtMs + retirementNotedMs }
  const retired = causes.findOf(kinds, connection) ?? (epoch === '' ? null : causes.find(kinds, epoch, noted))
  if (retired !== null || isJustOpened(attempt, causes))
    return { cause: 'closed by a process that is replaced', mustBeListed: false }
  return null
}

/** It was opened and closed between two looks at the connections of a process that was replaced, and no request was on it. */
function isJustOpened({ connection, path, endedAtMs }: Attempt, causes: Causes): boolean {
  if (connection === null || path !== '' || endedAtMs - connection.begunAtMs > betweenLooksMs) return false
  return causes.all.some(
    ({ kind, fromMs }) => kind === 'gateway process retired' && Math.abs(fromMs - endedAtMs) < betweenLooksMs,
  )
}

function explainRefusal(attempt: Attempt, status: number, evidence: Evidence): Explanation | null {
  const { causes } = evidence
  const during = spanOf(attempt)
  const kinds = ['route removed', 'service closed', 'limit of the service'] as const
  switch (status) {
    case 404: {
      const removed = causes.find(['route removed'], attempt.service, during)
      return removed === null ? null : { cause: removed.kind, mustBeListed: false }
    }
    case 429:
    case 503: {
      const cause = causes.find(kinds, attempt.service, during)
      return cause === null ? null : { cause: cause.kind, mustBeListed: false }
    }
    case 502: {
      if (lossOf(attempt, evidence) === null) return null
      if (!attempt.isRepeatable) return { cause: 'replica killed', mustBeListed: true }
      // What may be repeated is given to another replica (invariant 8), unless the service has no room for it.
      const limit = causes.find(['limit of the service'], attempt.service, during)
      if (limit !== null) return { cause: 'replica killed, no room at another', mustBeListed: true }
      return lostTwice(attempt, evidence) ? { cause: 'two replicas killed', mustBeListed: true } : null
    }
    default:
      return null
  }
}

/** The death of the very replica that had it. */
function lossOf(attempt: Attempt, { causes, lines, listed, replicas }: Evidence): Cause | null {
  const { path } = attempt
  const logged = replicas.get(lines.get(path)?.replica ?? -1)
  const uid = attempt.replica || (listed.get(path)?.request.replicaUid ?? logged ?? '')
  return uid === '' ? null : causes.find(['replica killed'], uid, spanOf(attempt))
}

/** It went on from one replica that was killed to another that was then killed, and no request gets to the same one twice. */
function lostTwice({ path, startedAtMs, endedAtMs }: Attempt, { causes, lines }: Evidence): boolean {
  const killed = causes.all.filter(
    ({ kind, fromMs }) => kind === 'replica killed' && fromMs > startedAtMs - staleMs && fromMs < endedAtMs,
  )
  return (lines.get(path)?.retries ?? 0) > 0 && killed.length > 1
}

function spanOf({ startedAtMs, endedAtMs }: Attempt): Span {
  return { fromMs: startedAtMs - slackMs, toMs: endedAtMs + slackMs }
}

function hadLasted(attempt: Attempt, { kind, fromMs, had }: Cause): boolean {
  const { path, firstByteAtMs, endedAtMs } = attempt
  if (path === '') return false
  // One that is told to end lets its requests go on for a while.
  const isGraceful = kind === 'gateway process told to end'
  if (!isGraceful && had?.journaled.has(path) === true) return true
  const brokenAtMs = isGraceful ? endedAtMs : fromMs
  return openAnswers.test(attempt.kind) && firstByteAtMs !== null && brokenAtMs - firstByteAtMs > journaledMs
}

/** What is wrong with a request that a gateway named as broken; '' when nothing is. Pure. */
export function faultOfListed(
  { request, epoch }: Listed,
  wholeAtMs: ReadonlyMap<string, number>,
  causes: Causes,
): string {
  const endedAtMs = wholeAtMs.get(request.path)
  if (endedAtMs === undefined) return ''
  // Its client may hear of the end later than of the death, and the end may have come between the last line of the journal and the death.
  const death = causes.find(deaths, epoch, { fromMs: -Infinity, toMs: Infinity })
  const before = death === null ? Infinity : death.fromMs - endedAtMs
  if (request.cause === undefined && before < noticedMs) return ''
  return `its client had all of ${JSON.stringify(request)} ${before.toFixed(0)} ms before the death of ${epoch}, which listed it`
}
