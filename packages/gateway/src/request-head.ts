import {
  FieldScan,
  firstFieldValue,
  listedFields,
  parseDecimal,
  parseOptions,
  noBytes,
  targetTable,
  tokenTable,
  unlistable,
  withoutNames,
} from './field-scan.ts'
import { FieldPlace } from './field-place.ts'
import { isForwarded } from './forwarded-field.ts'
import type { Forwarding } from './forwarding.ts'
import { findHeadEndInText } from './held-bytes.ts'
import { isHost, methodAt } from './request-line.ts'
import { withoutSessionCookie } from './session-cookie.ts'

const maxMethodBytes = 32

/**
 * One request head, scanned in place by the strict reading of RFC 9112; everything that two servers could read
 * differently is refused. One instance reads one head after another; the same head again, to the byte, costs a comparison.
 */
export class RequestHead extends FieldScan {
  method = ''
  target = ''
  /** Minor version: 0 or 1. */
  minor = 1
  /** -1 without a Content-Length. */
  contentLength = -1
  isChunked = false
  isKeepAlive = true
  /** The Upgrade value when the client asks for an upgrade that may be passed on; else ''. */
  upgrade = ''
  expectsContinue = false
  /** A valid X-Request-Id of the client's, else ''. */
  requestId = ''
  /** The client asks which replica answers (`X-Skykeep-Replica`). */
  asksForAnswerer = false
  /** A CORS preflight names the method that it is about (Fetch standard, CORS-preflight fetch). */
  private asksForMethod = false
  readonly authorization = new FieldPlace()
  readonly apiKey = new FieldPlace()
  /** HTTP status for a refused head. */
  status = 400
  private host: string | null = null
  private authority: string | null = null
  private forwardedFor = ''
  private forwardedElements = ''
  /** Lines that go to the replica beside those that the client sent. */
  private added = ''
  /** What `forwarded` last said up to what differs, and with whose lines; null: nothing. */
  private sent = ''
  private sentWith: Forwarding | null = null
  private isSentFlat = false
  private options: readonly string[] = []
  private upgradeValue = ''
  private hasTransferEncoding = false
  private fieldsStart = 0
  /** The last Host that was found to be well formed: most requests of a process name the same. */
  private knownHost: string | null = null

  /** How long the head is with which `text` begins; 0: it is not whole. */
  lengthIn(text: string): number {
    return this.isAsRead && text === this.text ? text.length : findHeadEndInText(text, 0)
  }

  /**
   * Reads `text`, which ends with its first CRLF CRLF (one leading CRLF is passed over, RFC 9112 §2.2).
   * @param bytes hold the same characters from `from` on.
   * @returns false when it must be refused: `status` and `fault` say how.
   */
  scan(text: string, bytes: Uint8Array = Buffer.from(text, 'latin1'), from = 0): boolean {
    if (this.isAsRead && text === this.text) return true
    this.resetFields(text, bytes, from)
    this.reset()
    this.isAsRead =
      this.scanRequestLine() &&
      this.scanFields(this.fieldsStart) &&
      this.checkFraming() &&
      this.checkRouting()
    // They are a whole chunk of what came.
    this.bytes = noBytes
    return this.isAsRead
  }

  get hasBody(): boolean {
    return this.isChunked || this.contentLength > 0
  }

  get isPreflight(): boolean {
    return this.asksForMethod && this.method === 'OPTIONS'
  }

  private note(place: FieldPlace): void {
    place.count += 1
    place.lineStart = this.lineStart
    place.valueStart = this.valueStart
    place.valueEnd = this.valueEnd
    place.lineEnd = this.lineEnd
  }

  /** Adds a field to what is forwarded; the value must be visible ASCII. */
  add(name: string, value: string): void {
    this.isAsRead = false
    this.added += `${name}: ${value}\r\n`
  }

  private reset(): void {
    this.minor = 1
    this.contentLength = -1
    this.isChunked = false
    this.isKeepAlive = true
    this.upgrade = ''
    this.expectsContinue = false
    this.requestId = ''
    this.asksForAnswerer = false
    this.asksForMethod = false
    this.authorization.count = 0
    this.apiKey.count = 0
    this.status = 400
    this.host = null
    this.authority = null
    this.forwardedFor = ''
    this.forwardedElements = ''
    this.added = ''
    this.sentWith = null
    this.options = []
    this.upgradeValue = ''
    this.hasTransferEncoding = false
  }

  private scanRequestLine(): boolean {
    const { text, bytes, base } = this
    const start = text.startsWith('\r\n') ? 2 : 0
    let at = start
    while (tokenTable[bytes[base + at] ?? 0] === 1) at += 1
    if (at === start || at - start > maxMethodBytes || text.charCodeAt(at) !== 0x20) {
      return this.refuse('a bad method')
    }
    this.method = methodAt(text, start, at)
    const targetStart = at + 1
    at = targetStart
    while (targetTable[bytes[base + at] ?? 0] === 1) at += 1
    if (at === targetStart || text.charCodeAt(at) !== 0x20) return this.refuse('a bad request target')
    this.target = text.slice(targetStart, at)
    if (
      !text.startsWith(' HTTP/1.', at) ||
      text.charCodeAt(at + 9) !== 13 ||
      text.charCodeAt(at + 10) !== 10
    ) {
      if (/^ HTTP\/\d\.\d\r\n/.test(text.slice(at, at + 11))) this.status = 505
      return this.refuse('a bad HTTP version')
    }
    this.minor = text.charCodeAt(at + 8) - 0x30
    if (this.minor !== 0 && this.minor !== 1) return this.refuse('a bad HTTP version')
    this.isKeepAlive = this.minor === 1
    this.fieldsStart = at + 11
    return this.checkTarget()
  }

  private checkTarget(): boolean {
    const { target, method } = this
    if (method === 'CONNECT') {
      this.status = 405
      return this.refuse('CONNECT is not served')
    }
    if (target.charCodeAt(0) === 0x2f) return true
    if (target === '*') return method === 'OPTIONS' || this.refuse('the target * is for OPTIONS only')
    const absolute = /^https?:\/\/([^/?]+)(.*)$/i.exec(target)
    const authority = absolute?.[1]
    if (authority === undefined || !isHost(authority)) return this.refuse('a bad request target')
    this.authority = authority
    const rest = absolute?.[2] ?? ''
    this.target = rest === '' && method === 'OPTIONS' ? '*' : rest.startsWith('/') ? rest : `/${rest}`
    return true
  }

  protected override onField(): boolean {
    return this.nameEnd - this.lineStart <= 10 ? this.onShortName() : this.onLongName()
  }

  private onShortName(): boolean {
    switch (this.nameEnd - this.lineStart) {
      case 2:
        if (this.isName('te')) this.cutLine()
        return true
      case 4:
        return !this.isName('host') || this.onHost()
      case 6:
        if (this.isName('cookie')) return this.onCookie()
        return !this.isName('expect') || this.onExpect()
      case 7:
        return !this.isName('upgrade') || this.onUpgrade()
      case 9:
        if (this.isName('forwarded')) this.onForwarded()
        if (this.isName('x-api-key')) this.note(this.apiKey)
        return true
      case 10:
        if (this.isName('keep-alive')) this.cutLine()
        return !this.isName('connection') || this.onConnection()
      default:
        return true
    }
  }

  private onLongName(): boolean {
    switch (this.nameEnd - this.lineStart) {
      case 12:
        return !this.isName('x-request-id') || this.onRequestId()
      case 13:
        if (this.isName('authorization')) this.note(this.authorization)
        return true
      case 14:
        if (this.isName('http2-settings')) this.cutLine()
        return !this.isNameLoosely('content-length') || this.onContentLength()
      case 15:
        return !this.isNameLoosely('x-forwarded-for') || this.onForwardedFor()
      case 16:
        if (this.isName('proxy-connection') || this.isNameLoosely('x-forwarded-host')) this.cutLine()
        return true
      case 17:
        if (this.isNameLoosely('x-forwarded-proto')) this.cutLine()
        if (this.isName('x-skykeep-replica')) {
          this.asksForAnswerer = true
          this.cutLine()
        }
        return !this.isNameLoosely('transfer-encoding') || this.onTransferEncoding()
      case 29:
        if (this.isName('access-control-request-method')) this.asksForMethod = true
        return true
      default:
        return true
    }
  }

  private get isUnderscored(): boolean {
    const underscore = this.text.indexOf('_', this.lineStart)
    return underscore >= 0 && underscore < this.nameEnd
  }

  private onHost(): boolean {
    if (this.host !== null) return this.refuse('two Host fields')
    const host = this.value
    if (this.hasTabAround) return this.refuse('a bad Host')
    if (host !== this.knownHost) {
      if (!isHost(host)) return this.refuse('a bad Host')
      this.knownHost = host
    }
    // The one string for all of them: it is compared by where it stands.
    this.host = this.knownHost
    return true
  }

  private onCookie(): boolean {
    const value = this.value
    const kept = withoutSessionCookie(value)
    if (kept === value) return true
    this.cutLine()
    if (kept !== '') this.added += `Cookie: ${kept}\r\n`
    return true
  }

  private onExpect(): boolean {
    if (this.value.toLowerCase() !== '100-continue') {
      this.status = 417
      return this.refuse('an expectation other than 100-continue')
    }
    if (this.minor === 0 || this.expectsContinue) this.cutLine()
    else this.expectsContinue = true
    return true
  }

  private onUpgrade(): boolean {
    this.upgradeValue = this.upgradeValue === '' ? this.value : `${this.upgradeValue}, ${this.value}`
    this.cutLine()
    return true
  }

  private onConnection(): boolean {
    this.cutLine()
    const options = parseOptions(this.value)
    if (options === null) return this.refuse('a bad Connection field')
    for (const option of options) {
      if (unlistable.has(option)) return this.refuse(`Connection lists ${option}`)
    }
    this.options = this.options.length === 0 ? options : [...this.options, ...options]
    return true
  }

  private onRequestId(): boolean {
    const value = this.value
    if (this.requestId === '' && /^[\w.:=+/-]{1,128}$/.test(value)) this.requestId = value
    this.cutLine()
    return true
  }

  private onContentLength(): boolean {
    if (this.isUnderscored) return this.refuse('Content_Length')
    if (this.contentLength >= 0) return this.refuse('two Content-Length fields')
    if (this.hasTabAround) return this.refuse('a tab beside a Content-Length')
    this.contentLength = parseDecimal(this.text, this.valueStart, this.valueEnd)
    return this.contentLength >= 0 || this.refuse('a bad Content-Length')
  }

  private onForwardedFor(): boolean {
    this.cutLine()
    if (!this.isUnderscored && this.value !== '') this.forwardedFor += `${this.value}, `
    return true
  }

  /** Appended to, as X-Forwarded-For is; what does not parse goes, since an open quote would swallow our own element. */
  private onForwarded(): void {
    this.cutLine()
    const { value } = this
    if (isForwarded(value)) this.forwardedElements += `${value}, `
  }

  private onTransferEncoding(): boolean {
    if (this.isUnderscored) return this.refuse('Transfer_Encoding')
    if (this.hasTransferEncoding) return this.refuse('two Transfer-Encoding fields')
    if (this.hasTabAround) return this.refuse('a tab beside a Transfer-Encoding')
    this.hasTransferEncoding = true
    this.isChunked = this.value.toLowerCase() === 'chunked'
    return this.isChunked || this.refuse('a Transfer-Encoding other than chunked')
  }

  private checkFraming(): boolean {
    if (this.isChunked && this.contentLength >= 0)
      return this.refuse('both Content-Length and Transfer-Encoding')
    if (this.isChunked && this.minor === 0) return this.refuse('Transfer-Encoding in HTTP/1.0')
    return true
  }

  private checkRouting(): boolean {
    if (this.host === null && this.minor === 1) return this.refuse('no Host')
    const { options } = this
    if (options.includes('close')) this.isKeepAlive = false
    else if (this.minor === 0 && options.includes('keep-alive')) this.isKeepAlive = true
    if (this.upgradeValue !== '' && options.includes('upgrade')) this.takeUpgrade()
    return true
  }

  /** An upgrade to h2c would let requests through unseen; one with a body has no place to end. */
  private takeUpgrade(): void {
    const canUpgrade = this.minor === 1 && !this.hasBody && !/\bh2c?\b/i.test(this.upgradeValue)
    if (canUpgrade) this.upgrade = this.upgradeValue
  }

  /**
   * The value of the first field of this name (lower case letters, digits, hyphens) of the head that was scanned; null: there is
   * none. Looks at each line again, so that only those pay who ask.
   */
  fieldValue(lower: string): string | null {
    return firstFieldValue(this.text, this.fieldsStart, lower)
  }

  /**
   * The head to send to a replica: hop-by-hop fields out, forwarding fields in (RFC 9110 §7.6).
   * @param ids where the id begins, the same for one `add`: with it stands what is kept of a head that comes again.
   * @param id the rest of it. The client's own id takes the place of both.
   */
  forwarded(add: Forwarding, ids: string, id: string): string {
    if (!this.isAsRead || this.sentWith !== add) {
      this.sent = this.withoutId(add) + (this.requestId === '' ? ids : this.requestId)
      this.sentWith = add
      this.isSentFlat = false
    } else if (!this.isSentFlat) {
      // In one piece: it is written again and again.
      this.sent = Buffer.from(this.sent, 'latin1').toString('latin1')
      this.isSentFlat = true
    }
    return this.sent + (this.requestId === '' ? `${id}\r\n\r\n` : '\r\n\r\n')
  }

  private withoutId(add: Forwarding): string {
    const isVerbatim = this.minor === 1 && this.authority === null && !this.text.startsWith('\r\n')
    let head = isVerbatim
      ? this.keptFields(0)
      : `${this.method} ${this.target} HTTP/1.1\r\n${this.keptFields(this.fieldsStart)}`
    if (this.authority !== null) {
      const lineEnd = head.indexOf('\r\n') + 2
      head = `${head.slice(0, lineEnd)}Host: ${this.authority}\r\n${withoutNames(head.slice(lineEnd), ['host'])}`
    } else if (this.host === null) head += `Host: ${add.fallbackHost}\r\n`
    const listed = listedFields(this.options)
    if (listed.length > 0) head = withoutNames(head, listed)
    if (this.added !== '') head += this.added
    if (this.upgrade !== '') head += `Connection: Upgrade\r\nUpgrade: ${this.upgrade}\r\n`
    const host = this.authority ?? this.host ?? add.fallbackHost
    return head + add.lines(host, this.forwardedFor, this.forwardedElements)
  }
}
