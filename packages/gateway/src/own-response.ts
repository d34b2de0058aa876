import { STATUS_CODES } from 'node:http'

/** What a closed service is waited for when nobody knows how long. */
const unknownOpeningMs = 60_000

/** What the gateway says in its own name. */
export interface OwnAnswer {
  readonly status: number
  readonly text: string
  /** Whole seconds; where absent 1 for 503, and none for others. */
  readonly retryAfterSeconds?: number
  /** Value of WWW-Authenticate, which a 401 must have (RFC 9110 §11.6.1). */
  readonly challenge?: string
  /** The body is `text` as it stands, without the status before it. */
  readonly isVerbatim?: boolean
}

export interface OwnResponse extends OwnAnswer {
  readonly isClosing: boolean
  /** To HEAD: the same head, no body. */
  readonly isHead: boolean
}

/** The whole response, one character a byte (latin1): the body is UTF-8. */
export function ownResponse(response: OwnResponse): string {
  const { status, text, isClosing, isHead } = response
  const phrase = STATUS_CODES[status] ?? 'Error'
  const shown = response.isVerbatim === true ? text : `${status} ${phrase}: ${text}\n`
  const body = Buffer.from(shown).toString('latin1')
  const seconds = response.retryAfterSeconds ?? (status === 503 ? 1 : 0)
  const retry = seconds > 0 ? `Retry-After: ${seconds}\r\n` : ''
  const challenge = response.challenge === undefined ? '' : `WWW-Authenticate: ${response.challenge}\r\n`
  const connection = isClosing ? 'Connection: close\r\n' : ''
  return (
    `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
    `Content-Length: ${body.length}\r\nCache-Control: no-store\r\n${retry}${challenge}${connection}\r\n${isHead ? '' : body}`
  )
}

/** What a closed service answers. @param nowMs wall time. */
export function closedAnswer(
  closed: { readonly message: string; readonly opensAtMs: number | null },
  nowMs: number,
): OwnAnswer {
  const { message, opensAtMs } = closed
  const waitMs = opensAtMs === null ? unknownOpeningMs : opensAtMs - nowMs
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000))
  return { status: 503, text: message, isVerbatim: true, retryAfterSeconds }
}
