import { SkykeepError } from '@skykeep/core/errors'
import {
  deleteIdempotencyRecord,
  findIdempotencyRecord,
  insertIdempotencyRecord,
} from '@skykeep/db/idempotency-keys'
import type { Tx } from '@skykeep/db/handles'
import type { ActionContext } from '../context.ts'
import { keptMsOf } from './find-answer.ts'

/**
 * The answer, kept in the transaction of the effect where the request carries an `Idempotency-Key`: a death leaves both or neither, and of
 * two such requests one has an effect. Last step of a transaction that changes what was asked for. Throws IDEMPOTENCY_KEY_IN_USE when
 * another request with the key was faster: then nothing may be written.
 */
export async function recordAnswer<T>(
  context: Pick<ActionContext, 'state' | 'keyed'>,
  tx: Tx,
  answer: T,
): Promise<T> {
  const { keyed } = context
  if (keyed === undefined) return answer
  const keptMs = keptMsOf(context)
  if ((await findIdempotencyRecord(tx, keyed, keptMs)) !== null) {
    throw new SkykeepError('IDEMPOTENCY_KEY_IN_USE', 'another request with this key was faster', {
      userMessage: 'A request with this Idempotency-Key was answered meanwhile.',
      hint: 'Send the same request with the same key again: it gets that answer.',
    })
  }
  const { userUid, keyHash, procedure, requestHash } = keyed
  await insertIdempotencyRecord(
    tx,
    { userUid, keyHash, procedure, requestHash, answer: answerText(answer) },
    keptMs,
  )
  keyed.isRecorded = true
  return answer
}

/** An answer as it is sent and kept; null for nothing. */
export function answerText(answer: unknown): string | null {
  return answer === undefined ? null : JSON.stringify(answer)
}

/** Forgets the answer of this request: its effect did not come to be after all. */
export async function forgetAnswer({ keyed }: Pick<ActionContext, 'keyed'>, tx: Tx): Promise<void> {
  if (keyed === undefined || !keyed.isRecorded) return
  await deleteIdempotencyRecord(tx, keyed)
  keyed.isRecorded = false
}
