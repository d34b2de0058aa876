import { SkykeepError } from '@skykeep/core/errors'
import { findIdempotencyRecord } from '@skykeep/db/idempotency-keys'
import type { ActionServices } from '../context.ts'
import type { KeyedRequest } from './keyed-request.ts'

/** What a request was answered. */
export interface KeptAnswer {
  /** JSON; null: it answered nothing. */
  readonly text: string | null
}

type Source = Pick<ActionServices, 'db' | 'state'>

/** How long an answer is kept, milliseconds. */
export function keptMsOf({ state }: Pick<ActionServices, 'state'>): number {
  return state.limits.idempotencyKeyHours * 3_600_000
}

/** What the same request of the same person with the same key was answered, or null. Throws IDEMPOTENCY_KEY_REUSED where it was another request. */
export async function findAnswer(services: Source, keyed: KeyedRequest): Promise<KeptAnswer | null> {
  const record = await findIdempotencyRecord(services.db, keyed, keptMsOf(services))
  if (record === null) return null
  if (record.requestHash !== keyed.requestHash) throw keyReused(keyed, record.procedure)
  return { text: record.answer }
}

/** @param before procedure of the request that the key was sent with first. */
export function keyReused({ procedure }: KeyedRequest, before: string): SkykeepError {
  return new SkykeepError('IDEMPOTENCY_KEY_REUSED', `key of ${before} sent with another request`, {
    userMessage:
      before === procedure
        ? `This Idempotency-Key was sent before with other fields of ${before}.`
        : `This Idempotency-Key was sent before with ${before}, and now with ${procedure}.`,
    hint: 'A key belongs to one request: repeat it as it was, or take a new key.',
  })
}
