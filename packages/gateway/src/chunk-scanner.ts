import { tokenTable, valueTable } from './field-scan.ts'

const maxExtensionBytes = 256
const maxSizeDigits = 12
/** Of a chunk that is passed over as a whole: less than 16 MiB. */
const maxPlainDigits = 6
/** Longest trailer section, bytes. */
export const maxTrailerBytes = 8192
/** Fields that a trailer must not carry (RFC 9110 §6.5.1): framing, routing, authentication, cookies, forwarding. */
const forbiddenTrailers =
  /^(?:content-length|transfer-encoding|host|connection|upgrade|te|trailer|expect|cookie|set-cookie|clear-site-data|authorization|content-encoding|content-type|content-range|keep-alive|proxy-.*|http2-settings|forwarded|x-forwarded-.*|x-request-id|x-skykeep-.*)$/

/** True for a name, in any case, that no trailer section may have; underscores count as hyphens, as CGI-like servers read them. */
export function isForbiddenTrailer(name: string): boolean {
  return forbiddenTrailers.test(name.toLowerCase().replaceAll('_', '-'))
}

// States of the scanner: one for each place in the grammar of RFC 9112 §7.1.
const atSize = 0
const inSize = 1
const inExtension = 2
const atSizeLf = 3
const inBody = 4
const atBodyCr = 5
const atBodyLf = 6
const atTrailerLine = 7
const inTrailerName = 8
const inTrailerValue = 9
const atTrailerLf = 10
const atFinalLf = 11
const atEnd = 12

/** What a scan found. */
export type ChunkResult = 'more' | 'end' | 'malformed'

/** Receives the body bytes of a chunked message, without its framing. */
export type ChunkBytes = (bytes: Buffer, from: number, to: number) => void

/**
 * Finds the end of a chunked body without changing it. Strict: a size is 1 to 12 hex digits with nothing around it,
 * lines end in CRLF only, extensions and trailers are bounded.
 */
export class ChunkScanner {
  /** Position after the last byte that the last scan took. */
  position = 0
  /** Trailer fields that were read: name, value, name, value …; only where the framing is not passed on. */
  readonly trailers: string[] = []
  private state = atSize
  private size = 0
  private digits = 0
  private extensionBytes = 0
  private trailerBytes = 0
  private trailerName = ''
  private trailerValue = ''
  private readonly onBytes: ChunkBytes | null

  constructor(onBytes: ChunkBytes | null = null) {
    this.onBytes = onBytes
  }

  scan(bytes: Buffer, from: number, to: number): ChunkResult {
    let at = this.passWhole(bytes, from, to)
    while (at < to) {
      if (this.state === inBody) {
        const taken = Math.min(this.size, to - at)
        this.onBytes?.(bytes, at, at + taken)
        this.size -= taken
        at += taken
        if (this.size === 0) this.state = atBodyCr
        continue
      }
      if (!this.step(bytes[at] ?? 0)) return 'malformed'
      at += 1
      if (this.state === atEnd) {
        this.position = at
        return 'end'
      }
    }
    this.position = at
    return 'more'
  }

  /** @returns the position after the whole chunks at `from` that are plain: few digits, CRLF, bytes, CRLF. All else is left to `step`. */
  private passWhole(bytes: Buffer, from: number, to: number): number {
    if (this.state !== atSize) return from
    let at = from
    for (;;) {
      let i = at
      let size = 0
      for (; i < to && i - at < maxPlainDigits; i += 1) {
        const digit = hexDigit(bytes[i] ?? 0)
        if (digit < 0) break
        size = size * 16 + digit
      }
      const start = i + 2
      const end = start + size
      const isWhole = size > 0 && end + 2 <= to && bytes[i] === 13 && bytes[i + 1] === 10
      if (!isWhole || bytes[end] !== 13 || bytes[end + 1] !== 10) return at
      this.onBytes?.(bytes, start, end)
      at = end + 2
    }
  }

  private step(byte: number): boolean {
    switch (this.state) {
      case atSize:
      case inSize:
        return this.onSizeByte(byte)
      case inExtension:
        if (byte === 13) return this.to(atSizeLf)
        this.extensionBytes += 1
        return valueTable[byte] === 1 && this.extensionBytes <= maxExtensionBytes
      case atSizeLf:
        return byte === 10 && this.to(this.size === 0 ? atTrailerLine : inBody)
      case atBodyCr:
        return byte === 13 && this.to(atBodyLf)
      case atBodyLf:
        this.digits = 0
        return byte === 10 && this.to(atSize)
      default:
        return this.onTrailerByte(byte)
    }
  }

  private onSizeByte(byte: number): boolean {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      this.size = this.digits === 0 ? digit : this.size * 16 + digit
      this.digits += 1
      return this.digits <= maxSizeDigits && this.to(inSize)
    }
    if (this.digits === 0) return false
    if (byte === 13) return this.to(atSizeLf)
    this.extensionBytes = 0
    return byte === 0x3b && this.to(inExtension)
  }

  private onTrailerByte(byte: number): boolean {
    this.trailerBytes += 1
    if (this.trailerBytes > maxTrailerBytes) return false
    switch (this.state) {
      case atTrailerLine:
        if (byte === 13) return this.to(atFinalLf)
        this.trailerName = String.fromCharCode(byte)
        return tokenTable[byte] === 1 && this.to(inTrailerName)
      case inTrailerName:
        if (byte === 0x3a) {
          return !isForbiddenTrailer(this.trailerName) && this.to(inTrailerValue)
        }
        this.trailerName += String.fromCharCode(byte)
        return tokenTable[byte] === 1
      case inTrailerValue:
        if (byte === 13) return this.endTrailer()
        if (this.onBytes !== null) this.trailerValue += String.fromCharCode(byte)
        return valueTable[byte] === 1
      case atTrailerLf:
        return byte === 10 && this.to(atTrailerLine)
      default:
        return byte === 10 && this.to(atEnd)
    }
  }

  private endTrailer(): boolean {
    if (this.onBytes !== null) this.trailers.push(this.trailerName, this.trailerValue.trim())
    this.trailerValue = ''
    return this.to(atTrailerLf)
  }

  private to(state: number): true {
    this.state = state
    return true
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
