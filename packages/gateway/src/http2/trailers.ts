import { isForbiddenTrailer } from '../chunk-scanner.ts'
import { breaksLines, fieldName } from './field-grammar.ts'

/**
 * The trailer fields of an HTTP/2 request as the lines of a chunked trailer section (RFC 9113 §8.1, RFC 9112 §7.1.2). Left out are those
 * that no trailer section may have (RFC 9110 §6.5.1): framing, routing, authentication, hop-by-hop, and who the client is. Pure.
 * @param raw name, value, name, value …, as they were received.
 * @returns null when one cannot be a field: a pseudo-header, a capital, a line break.
 */
export function requestTrailersOf(raw: readonly string[]): string | null {
  let lines = ''
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const value = raw[at + 1] ?? ''
    if (!fieldName.test(name) || breaksLines.test(value)) return null
    if (!isForbiddenTrailer(name)) lines += `${name}: ${value}\r\n`
  }
  return lines
}

/**
 * The trailer fields of a response for HTTP/2: lower-case names (RFC 9113 §8.2.1), several of one name as one list (RFC 9110 §5.3). Its reader
 * has refused those that no trailer section may have. Pure.
 * @param fields name, value, name, value …
 */
export function responseTrailersOf(fields: readonly string[]): Record<string, string> {
  const trailers: Record<string, string> = Object.create(null)
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = (fields[at] ?? '').toLowerCase()
    const value = fields[at + 1] ?? ''
    const before = trailers[name]
    trailers[name] = before === undefined ? value : `${before}, ${value}`
  }
  return trailers
}
