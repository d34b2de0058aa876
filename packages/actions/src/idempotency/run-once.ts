import { SkykeepError } from '@skykeep/core/errors'
import type { ActionServices } from '../context.ts'
import { findAnswer, keyReused } from './find-answer.ts'
import type { KeyedRequest } from './keyed-request.ts'
import { answerText, recordAnswer } from './record-answer.ts'

export interface Answered {
  /** JSON; null: it answered nothing. */
  readonly text: string | null
  /** True: this request did nothing and is given what the first one was answered. */
  readonly isReplay: boolean
}

type Services = Pick<ActionServices, 'db' | 'fence' | 'state'>

/** What is under way in this process, by handle on the database. */
const underWay = new WeakMap<Services['db'], Map<string, KeyedRequest>>()

/**
 * Runs a request with an `Idempotency-Key` unless it was answered before: then that answer is given again. What is refused is not kept: it
 * changed nothing, and the same key may try again. Throws IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_IN_USE while this process runs the first
 * one (what several processes run at once is decided by the database), and what `run` throws.
 */
export async function runOnce(
  services: Services,
  keyed: KeyedRequest,
  run: () => Promise<unknown>,
): Promise<Answered> {
  const running = underWay.get(services.db) ?? new Map<string, KeyedRequest>()
  underWay.set(services.db, running)
  const place = `${keyed.userUid} ${keyed.keyHash}`
  const other = running.get(place)
  if (other !== undefined) throw inTheWay(keyed, other)
  running.set(place, keyed)
  try {
    return (await replayOf(services, keyed)) ?? (await runFirst(services, keyed, run))
  } finally {
    running.delete(place)
  }
}

async function runFirst(
  services: Services,
  keyed: KeyedRequest,
  run: () => Promise<unknown>,
): Promise<Answered> {
  try {
    const value = await run()
    // What changed nothing has kept nothing yet.
    if (!keyed.isRecorded) await record(services, keyed, value)
    return { text: answerText(value), isReplay: false }
  } catch (error) {
    // Another process may have been faster; then this one has changed nothing.
    const theirs = keyed.isRecorded ? null : await replayOf(services, keyed)
    if (theirs === null) throw error
    return theirs
  }
}

async function record({ db, fence, state }: Services, keyed: KeyedRequest, value: unknown): Promise<void> {
  await db.transaction((tx) => recordAnswer({ state, keyed }, tx, value), { fence })
}

async function replayOf(services: Services, keyed: KeyedRequest): Promise<Answered | null> {
  const answer = await findAnswer(services, keyed)
  return answer === null ? null : { text: answer.text, isReplay: true }
}

function inTheWay(keyed: KeyedRequest, other: KeyedRequest): SkykeepError {
  if (other.requestHash !== keyed.requestHash) return keyReused(keyed, other.procedure)
  return new SkykeepError('IDEMPOTENCY_KEY_IN_USE', `${keyed.procedure} with this key is under way`, {
    userMessage: 'A request with this Idempotency-Key is under way.',
    hint: 'Send the same request with the same key again in a second: it gets the answer of that one.',
  })
}
