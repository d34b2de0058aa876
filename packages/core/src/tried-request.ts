/** Methods that a person may try. */
export const triedMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** Asks the gateway which replica answers; the answer carries it as `3;version=2`. */
export const answererHeader = 'x-skykeep-replica'

export const triedLimits = {
  /** Of the body that is sent, characters. */
  bodyMax: 262_144,
  headersMax: 32,
  pathMax: 2_048,
  /** Of the answer's body that is shown; the rest is not read. */
  answerBytesMax: 1_048_576,
  /** From the start to the last byte. */
  longestMs: 60_000,
} as const

/** What comes of a request that a person tries, piece by piece: one head, pieces of the body, one end; or a failure. */
export type TriedPart =
  | {
      readonly type: 'head'
      readonly status: number
      readonly statusText: string
      readonly headers: readonly { readonly name: string; readonly value: string }[]
      /** Null: no replica answered, but the gateway itself. */
      readonly replica: { readonly id: number; readonly version: number } | null
      readonly tookMs: number
    }
  | { readonly type: 'body'; readonly text: string }
  | {
      readonly type: 'end'
      readonly tookMs: number
      readonly bytes: number
      /** Why not all was read, as a sentence; null: it is whole. */
      readonly cut: string | null
    }
  | { readonly type: 'failed'; readonly message: string; readonly tookMs: number }
