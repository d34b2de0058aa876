import { STATUS_CODES } from 'node:http'

export interface OwnResponse {
  readonly status: number
  readonly text: string
  readonly isClosing: boolean
  /** To HEAD: the same head, no body. */
  readonly isHead: boolean
}

/** A response that the gateway gives in its own name, whole. `text` must be ASCII. */
export function ownResponse(response: OwnResponse): string {
  const { status, isClosing, isHead } = response
  const body = `${status} ${STATUS_CODES[status] ?? 'Error'}: ${response.text}\n`
  const retry = status === 503 ? 'Retry-After: 1\r\n' : ''
  const connection = isClosing ? 'Connection: close\r\n' : ''
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
    `Content-Length: ${body.length}\r\nCache-Control: no-store\r\n${retry}${connection}\r\n${isHead ? '' : body}`
  )
}
