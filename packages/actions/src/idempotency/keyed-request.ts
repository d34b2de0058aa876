import { createHash, createHmac } from 'node:crypto'

/** A request that carried an `Idempotency-Key`: whose, which key, and what was asked with it. */
export class KeyedRequest {
  readonly userUid: string
  /** SHA-256 of the key, hex. */
  readonly keyHash: string
  readonly procedure: string
  /**
   * HMAC-SHA-256 of procedure and input under the key, hex: the key is kept nowhere, so that nobody who reads the table can try out what
   * secrets a request held.
   */
  readonly requestHash: string
  /** True once this very request has written its answer. */
  isRecorded = false

  /** @param input as JSON would carry it; the order of its fields does not count. */
  constructor(of: {
    readonly userUid: string
    readonly key: string
    readonly procedure: string
    readonly input: unknown
  }) {
    this.userUid = of.userUid
    this.procedure = of.procedure
    this.keyHash = createHash('sha256').update(of.key).digest('hex')
    const asked = JSON.stringify([of.procedure, of.input ?? null], inOrder)
    this.requestHash = createHmac('sha256', of.key).update(asked).digest('hex')
  }
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
