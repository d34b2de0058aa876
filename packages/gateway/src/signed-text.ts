/** A longer token is refused unread: real ones have a few hundred characters to 4,000. */
const maxCharacters = 8192
/** What a token of this use says that it is (RFC 7519 §5.1, RFC 9068 §2.1); another kind is not for this door (RFC 8725 §3.11). */
const takenTypes = new Set(['jwt', 'at+jwt'])
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A JWS in compact form (RFC 7515 §3.1), taken apart: nothing of it is proven, and its payload is not read yet. */
export interface SignedText {
  readonly alg: string
  /** Null: it names no key. */
  readonly kid: string | null
  /** What is signed. */
  readonly signed: string
  readonly payload: Buffer
  readonly signature: Buffer
}

/**
 * Takes a token apart by the strict reading: three parts of unpadded base64url whose spare bits are 0, a header of UTF-8 JSON, no
 * `crit` (RFC 7515 §4.1.11: none is understood here). Where the header says to find a key (`jku`, `jwk`, `x5u`, `x5c`) is never looked at.
 * @returns null for anything else.
 */
export function takeApart(text: string): SignedText | null {
  if (text.length > maxCharacters) return null
  const [head = '', body = '', seal = '', ...more] = text.split('.')
  const headBytes = fromBase64Url(head)
  const payload = fromBase64Url(body)
  const signature = fromBase64Url(seal)
  if (more.length > 0 || headBytes === null || payload === null || signature === null) return null
  const header = jsonObject(headBytes)
  if (header === null) return null
  const { alg, kid = null, typ = 'JWT' } = header
  if (typeof alg !== 'string' || typeof typ !== 'string' || (kid !== null && typeof kid !== 'string'))
    return null
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return null
  if (!takenTypes.has(typ.toLowerCase().replace(/^application\//, ''))) return null
  return { alg, kid, signed: text.slice(0, head.length + 1 + body.length), payload, signature }
}

/** An object of UTF-8 JSON, by its own members only; null: it is none. */
export function jsonObject(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    const own: Record<string, unknown> = Object.create(null)
    return Object.assign(own, value)
  } catch {
    return null
  }
}

/** Each text has one reading, and each content one text: Node's own decoder would pass over what does not belong. */
function fromBase64Url(text: string): Buffer | null {
  if (text === '') return null
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : null
}
