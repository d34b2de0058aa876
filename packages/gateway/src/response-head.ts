import {
  FieldScan,
  listedFields,
  parseDecimal,
  parseOptions,
  valueTable,
  withoutNames,
} from './field-scan.ts'
import { setsSessionCookie } from './session-cookie.ts'

/** How the end of a response's body is known (RFC 9112 §6.3). */
export type BodyKind = 'none' | 'length' | 'chunked' | 'until-close'

/** How the forwarded head differs for the client at hand. */
export interface ResponseForwarding {
  /** Says `Connection: close`. */
  readonly isClosing: boolean
  /** Minor version of the client's request. */
  readonly clientMinor: number
  /** A whole field with its line end that the gateway adds, or ''. */
  readonly answererField: string
}

/** Where a head stands in bytes: from `from` to `to`, of which `cutFrom` to `cutTo` is left out. */
export interface HeadPlace {
  from: number
  cutFrom: number
  cutTo: number
  to: number
}

/** One response head of a replica, scanned in place; one instance is used again for every response of a process. */
export class ResponseHead extends FieldScan {
  status = 0
  /** -1 without a Content-Length. */
  contentLength = -1
  isChunked = false
  /** The replica will take another request on this connection. */
  isKeepAlive = true
  /** Seconds that the replica keeps an idle connection (`Keep-Alive: timeout=`); -1 when it does not say. */
  keepAliveSeconds = -1
  upgrade = ''
  private minor = 1
  private cannotHaveBody = false
  private options: readonly string[] = []
  private fieldsStart = 0

  /**
   * Reads `text`, which ends with its first CRLF CRLF. False when it must not be passed on; `fault` says why.
   * @param bytes hold the same characters from `from` on.
   */
  scan(text: string, bytes: Uint8Array = Buffer.from(text, 'latin1'), from = 0): boolean {
    this.resetFields(text, bytes, from)
    this.contentLength = -1
    this.isChunked = false
    this.isKeepAlive = true
    this.cannotHaveBody = false
    this.keepAliveSeconds = -1
    this.upgrade = ''
    this.options = []
    if (!this.scanStatusLine() || !this.scanFields(this.fieldsStart)) return false
    if (this.isChunked && this.contentLength >= 0)
      return this.refuse('both Content-Length and Transfer-Encoding')
    if (this.isChunked && this.minor === 0) return this.refuse('Transfer-Encoding in HTTP/1.0')
    if (this.options.includes('close')) this.isKeepAlive = false
    else if (this.minor === 0) this.isKeepAlive = this.options.includes('keep-alive')
    // A replica that frames a body nobody may send may send it all the same, into the next answer.
    if (this.cannotHaveBody && (this.isChunked || this.contentLength > 0)) this.isKeepAlive = false
    return true
  }

  private scanStatusLine(): boolean {
    const { text } = this
    this.minor = text.charCodeAt(7) - 0x30
    const status = parseDecimal(text, 9, 12)
    const isLine =
      text.startsWith('HTTP/1.') && (this.minor === 0 || this.minor === 1) && text.charCodeAt(8) === 0x20
    if (!isLine || status < 100) return this.refuse('a bad status line')
    this.status = status
    this.cannotHaveBody = status < 200 || status === 204
    let at = 12
    if (text.charCodeAt(at) === 0x20) while (valueTable[text.charCodeAt(at)] === 1) at += 1
    if (text.charCodeAt(at) !== 13 || text.charCodeAt(at + 1) !== 10) return this.refuse('a bad status line')
    this.fieldsStart = at + 2
    return true
  }

  protected override onField(): boolean {
    switch (this.nameEnd - this.lineStart) {
      case 2:
        if (this.isName('te')) this.cutLine()
        return true
      case 7:
        if (this.isName('upgrade')) {
          this.upgrade = this.value
          this.cutLine()
        }
        return true
      case 10:
        if (this.isName('connection')) return this.onConnection()
        if (this.isName('keep-alive')) this.onKeepAlive()
        else if (this.isName('set-cookie') && setsSessionCookie(this.value)) this.cutLine()
        return true
      case 14:
        return !this.isName('content-length') || this.onContentLength()
      case 15:
        // Browsers clear the host's cookies whatever the port: it would end the dashboard's session (invariant 17).
        if (this.isName('clear-site-data')) this.cutLine()
        return true
      case 16:
        if (this.isName('proxy-connection')) this.cutLine()
        return true
      case 17:
        // Only the gateway says which replica answered.
        if (this.isName('x-skykeep-replica')) this.cutLine()
        return !this.isName('transfer-encoding') || this.onTransferEncoding()
      default:
        return true
    }
  }

  private onConnection(): boolean {
    this.cutLine()
    const options = parseOptions(this.value)
    if (options === null) return this.refuse('a bad Connection field')
    if (options.includes('content-length') || options.includes('transfer-encoding')) {
      return this.refuse('Connection lists a framing field')
    }
    this.options = this.options.length === 0 ? options : [...this.options, ...options]
    return true
  }

  private onKeepAlive(): void {
    this.cutLine()
    const match = /timeout=(\d{1,6})/i.exec(this.value)
    if (match?.[1] !== undefined) this.keepAliveSeconds = Number(match[1])
  }

  /** 1xx and 204 may not be framed (RFC 9110 §8.6, RFC 9112 §6.1): a client that believed it would wait for a body. */
  private onContentLength(): boolean {
    if (this.cannotHaveBody) this.cutLine()
    if (this.hasTabAround) return this.refuse('a tab beside a Content-Length')
    if (this.contentLength >= 0) return this.refuse('two Content-Length fields')
    this.contentLength = parseDecimal(this.text, this.valueStart, this.valueEnd)
    return this.contentLength >= 0 || this.refuse('a bad Content-Length')
  }

  private onTransferEncoding(): boolean {
    if (this.cannotHaveBody) this.cutLine()
    if (this.hasTabAround) return this.refuse('a tab beside a Transfer-Encoding')
    if (this.isChunked || this.value.toLowerCase() !== 'chunked') {
      return this.refuse('a Transfer-Encoding other than chunked')
    }
    this.isChunked = true
    return true
  }

  /** How the body of this response to `method` ends. */
  bodyKind(method: string): BodyKind {
    const { status } = this
    if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 'none'
    if (this.isChunked) return 'chunked'
    if (this.contentLength > 0) return 'length'
    return this.contentLength === 0 ? 'none' : 'until-close'
  }

  /** True when it goes to the client as it came but for one stretch, which `putPlace` tells, and so does what follows it. */
  isPlaced(to: ResponseForwarding): boolean {
    const isAsIs = this.minor === 1 && to.clientMinor === 1 && this.added(to) === ''
    return isAsIs && this.hasOneCut && listedFields(this.options).length === 0
  }

  /** @param from where the head stands in the bytes that were scanned. */
  putPlace(place: HeadPlace, from: number): void {
    place.from = from
    place.cutFrom = from + this.cutStart
    place.cutTo = from + this.cutEnd
    place.to = from + this.text.length
  }

  /** The head to send to the client: hop-by-hop fields and what would change the dashboard's cookie out. */
  forwarded(to: ResponseForwarding): string {
    let head = this.minor === 1 ? this.keptFields(0) : `HTTP/1.1${this.keptFields(8)}`
    let listed = listedFields(this.options)
    if (to.clientMinor === 0 && this.isChunked) listed = [...listed, 'transfer-encoding', 'trailer']
    if (listed.length > 0) head = withoutNames(head, listed)
    return `${head}${this.added(to)}\r\n`
  }

  /** The fields that the gateway adds. */
  private added({ answererField, isClosing, clientMinor }: ResponseForwarding): string {
    if (this.status === 101) return `${answererField}Connection: Upgrade\r\nUpgrade: ${this.upgrade}\r\n`
    const upgrade = this.status === 426 && this.upgrade !== '' ? `Upgrade: ${this.upgrade}\r\n` : ''
    const connection = isClosing
      ? 'Connection: close\r\n'
      : clientMinor === 0
        ? 'Connection: keep-alive\r\n'
        : ''
    return answererField + upgrade + connection
  }
}
