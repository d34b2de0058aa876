import { hash, randomBytes } from 'node:crypto'
import type { ResponseFields } from './response-fields.ts'

/** RFC 6455 §1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** A Sec-WebSocket-Key: 16 random bytes (RFC 6455 §4.1). HTTP/2 has none (RFC 8441 §5), so that the gateway asks the replica with its own. */
export function newWebSocketKey(): string {
  return randomBytes(16).toString('base64')
}

/** The Sec-WebSocket-Accept by which a replica proves that it read the key as one of a WebSocket (RFC 6455 §4.2.2). Pure. */
export function webSocketAcceptOf(key: string): string {
  return hash('sha1', key + acceptSuffix, 'base64')
}

/**
 * What a replica's answer to the opening of a WebSocket is in HTTP/2 (RFC 8441 §5): 200 for a 101 that proves itself, all that is no success
 * as it is. Pure.
 * @returns null for what the client would take for an open WebSocket, and is none: 2xx, or a 101 for another key.
 */
export function openedFieldsOf(
  { status, raw, isChunked }: ResponseFields,
  key: string,
): ResponseFields | null {
  if (status !== 101) return status < 200 || status > 299 ? { status, raw, isChunked } : null
  const opened = [':status', '200']
  const accepts: string[] = []
  for (let at = 2; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const value = raw[at + 1] ?? ''
    if (name === 'sec-websocket-accept') accepts.push(value)
    else opened.push(name, value)
  }
  const isProven = accepts.length === 1 && accepts[0] === webSocketAcceptOf(key)
  return isProven ? { status: 200, raw: opened, isChunked: false } : null
}
