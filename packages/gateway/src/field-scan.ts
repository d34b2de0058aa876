import type { FieldPlace } from './field-place.ts'

/** Result of a scan that needs more bytes. */
export const incomplete = 0
/** Result of a scan that found something that is not strictly allowed. */
export const malformed = -1

export const noBytes = new Uint8Array(0)
const tokenPunctuation = "!#$%&'*+-.^_`|~"

/** 1 for each `tchar` of RFC 9110 §5.6.2. */
export const tokenTable = makeTable((code) => {
  const char = String.fromCharCode(code)
  return /[0-9A-Za-z]/.test(char) || tokenPunctuation.includes(char)
})

/** 1 for each byte of a field value (RFC 9110 §5.5): HTAB, SP, VCHAR, obs-text; never a control character. */
export const valueTable = makeTable((code) => code === 9 || (code >= 0x20 && code !== 0x7f))

/** 1 for each visible ASCII character except `#`: what a request target may hold. */
export const targetTable = makeTable((code) => code > 0x20 && code < 0x7f && code !== 0x23)

function makeTable(isMember: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (isMember(code) ? 1 : 0))
}

/** True when `text` has `lower` at `start`, ignoring case; `lower` must be lower case, the place holds tchars only. */
export function matchesName(text: string, start: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i += 1) {
    if ((text.charCodeAt(start + i) | 0x20) !== lower.charCodeAt(i)) return false
  }
  return true
}

/** The same, with an underscore taken for a hyphen. */
export function matchesLoosely(text: string, start: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i += 1) {
    const code = text.charCodeAt(start + i)
    if ((code | 0x20) !== lower.charCodeAt(i) && !(code === 0x5f && lower.charCodeAt(i) === 0x2d))
      return false
  }
  return true
}

/**
 * Walks the field lines of a head that is one latin1 string ending in CRLF CRLF (RFC 9112 §5). Characters are looked at as bytes,
 * which costs a fraction of asking a string for each; what is kept is cut out of the string. The position of the current field
 * stands in members, so that a scan allocates nothing.
 */
export abstract class FieldScan {
  text = ''
  /** Why the last scan answered `malformed`. */
  fault = ''
  /** The same characters as bytes; the first one stands at `base`. */
  protected bytes: Uint8Array = noBytes
  protected base = 0
  /** What was read of `text` holds: it passed, and nothing was withheld or added since. */
  protected isAsRead = false
  protected lineStart = 0
  protected nameEnd = 0
  protected valueStart = 0
  protected valueEnd = 0
  protected lineEnd = 0
  private readonly cuts: number[] = []
  private cutCount = 0

  /** Called for each field; false refuses the head (and has set `fault`). */
  protected abstract onField(): boolean

  protected resetFields(text: string, bytes: Uint8Array, base: number): void {
    this.text = text
    this.bytes = bytes
    this.base = base
    this.fault = ''
    this.cutCount = 0
  }

  protected refuse(fault: string): false {
    this.fault = fault
    return false
  }

  /** Leaves the current line out of what is forwarded. */
  protected cutLine(): void {
    const { cuts, lineStart } = this
    if (this.cutCount > 0 && cuts[this.cutCount - 1] === lineStart) {
      cuts[this.cutCount - 1] = this.lineEnd
      return
    }
    cuts[this.cutCount] = lineStart
    cuts[this.cutCount + 1] = this.lineEnd
    this.cutCount += 2
  }

  /** Leaves a line out that was passed before. */
  protected cutEarlier(start: number, end: number): void {
    const { cuts } = this
    let at = this.cutCount
    for (; at > 0 && (cuts[at - 2] ?? 0) > start; at -= 2) {
      cuts[at] = cuts[at - 2] ?? 0
      cuts[at + 1] = cuts[at - 1] ?? 0
    }
    cuts[at] = start
    cuts[at + 1] = end
    this.cutCount += 2
  }

  /** Leaves the field out of what is forwarded. */
  withhold({ lineStart, lineEnd }: FieldPlace): void {
    this.isAsRead = false
    this.cutEarlier(lineStart, lineEnd)
  }

  /**
   * Leaves every field of this name out (lower case letters, digits, hyphens; none that a scan leaves out itself), and those with
   * underscores for hyphens, which CGI-like servers read as the same. Looks at each line again, so that only those pay who ask.
   */
  withholdNamed(lower: string): void {
    this.isAsRead = false
    const { text } = this
    let at = text.indexOf('\r\n', 2) + 2
    for (let end = text.indexOf('\r\n', at); end > at; end = text.indexOf('\r\n', at)) {
      if (text.charCodeAt(at + lower.length) === 0x3a && matchesLoosely(text, at, lower))
        this.cutEarlier(at, end + 2)
      at = end + 2
    }
  }

  /** True when the current field's name is `lower`, which must be lower case and as long as the name, ignoring case. */
  protected isName(lower: string): boolean {
    const { bytes } = this
    const start = this.base + this.lineStart
    for (let i = 0; i < lower.length; i += 1)
      if (((bytes[start + i] ?? 0) | 0x20) !== lower.charCodeAt(i)) return false
    return true
  }

  /** The same; an underscore stands for a hyphen too, as CGI-like servers read it (`Content_Length`). */
  protected isNameLoosely(lower: string): boolean {
    const { bytes } = this
    const start = this.base + this.lineStart
    for (let i = 0; i < lower.length; i += 1) {
      const byte = bytes[start + i] ?? 0
      if ((byte | 0x20) !== lower.charCodeAt(i) && !(byte === 0x5f && lower.charCodeAt(i) === 0x2d))
        return false
    }
    return true
  }

  protected get value(): string {
    return this.text.slice(this.valueStart, this.valueEnd)
  }

  /**
   * True for a value with a tab around it: allowed (RFC 9110 §5.6.3), but servers are known that count the tab as part
   * of the value, so that a field which frames must not be passed on with one.
   */
  protected get hasTabAround(): boolean {
    const { text } = this
    for (let at = this.nameEnd + 1; at < this.valueStart; at += 1) if (text.charCodeAt(at) === 9) return true
    for (let at = this.valueEnd; at < this.lineEnd - 2; at += 1) if (text.charCodeAt(at) === 9) return true
    return false
  }

  /** The lines that were not cut, from `start` to the empty line, each with its CRLF. */
  keptFields(start: number): string {
    const end = this.text.length - 2
    if (this.cutCount === 0) return this.text.slice(start, end)
    let kept = ''
    let at = start
    for (let i = 0; i < this.cutCount; i += 2) {
      const cutStart = this.cuts[i] ?? end
      if (cutStart > at) kept += this.text.slice(at, cutStart)
      at = this.cuts[i + 1] ?? end
    }
    return at < end ? kept + this.text.slice(at, end) : kept
  }

  /** At most one stretch is cut: from `cutStart` to `cutEnd`, which are 0 when none is. */
  protected get hasOneCut(): boolean {
    return this.cutCount <= 2
  }

  protected get cutStart(): number {
    return this.cutCount === 0 ? 0 : (this.cuts[0] ?? 0)
  }

  protected get cutEnd(): number {
    return this.cutCount === 0 ? 0 : (this.cuts[1] ?? 0)
  }

  /** True when every line from `start` is a well-formed field and the head ends where the text does. */
  protected scanFields(start: number): boolean {
    const { text, bytes, base } = this
    // Positions in the loops are those of bytes.
    const end = base + text.length - 2
    let at = base + start
    while (at < end) {
      let i = at
      while (tokenTable[bytes[i] ?? 0] === 1) i += 1
      if (bytes[i] !== 0x3a || i === at) return this.refuse(faultOfName(text, at - base, i - base))
      this.lineStart = at - base
      this.nameEnd = i - base
      i += 1
      while (bytes[i] === 0x20 || bytes[i] === 9) i += 1
      const valueStart = i
      this.valueStart = i - base
      while (valueTable[bytes[i] ?? 0] === 1) i += 1
      if (bytes[i] !== 13 || bytes[i + 1] !== 10) {
        return this.refuse('a control character, bare CR or bare LF in a field value')
      }
      at = i + 2
      this.lineEnd = at - base
      while (i > valueStart && (bytes[i - 1] === 0x20 || bytes[i - 1] === 9)) i -= 1
      this.valueEnd = i - base
      if (!this.onField()) return false
    }
    return at === end ? true : this.refuse('bytes after the head')
  }
}

/** The value of the first field named `lower` among the well-formed lines from `start` on; null: there is none. */
export function firstFieldValue(text: string, start: number, lower: string): string | null {
  let at = start
  for (let end = text.indexOf('\r\n', at); end > at; end = text.indexOf('\r\n', at)) {
    const colon = at + lower.length
    if (text.charCodeAt(colon) === 0x3a && colon < end && matchesName(text, at, lower)) {
      return withoutBlanks(text, colon + 1, end)
    }
    at = end + 2
  }
  return null
}

/** A field's value without the blanks around it (RFC 9110 §5.5). */
function withoutBlanks(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 9
}

function faultOfName(text: string, at: number, end: number): string {
  const first = text.charCodeAt(at)
  if (first === 0x20 || first === 9) return 'a folded line'
  if (end === at) return 'a field without a name'
  return 'a character that a field name cannot hold (a space before the colon?)'
}

/** What almost every Connection field says: read without a parse. */
const keepAliveOnly: readonly string[] = ['keep-alive']
const closeOnly: readonly string[] = ['close']
const none: readonly string[] = []

/**
 * Reads a Connection field's options (RFC 9110 §7.6.1): lower case, empty ones left out; null when one is not a token.
 */
export function parseOptions(value: string): readonly string[] | null {
  if (value === 'keep-alive') return keepAliveOnly
  if (value === 'close') return closeOnly
  const options: string[] = []
  for (const part of value.split(',')) {
    const option = part.trim().toLowerCase()
    if (option === '') continue
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(option)) return null
    options.push(option)
  }
  return options
}

/** The fields that the options name, which go no further than this hop: all but those that are no field names. */
export function listedFields(options: readonly string[]): readonly string[] {
  if (options.length === 0 || options === keepAliveOnly || options === closeOnly) return none
  return options.filter((name) => name !== 'close' && name !== 'keep-alive' && name !== 'upgrade')
}

/** Names that frame or route a message: a client may not have them removed by listing them in Connection. */
export const unlistable = new Set([
  'content-length',
  'transfer-encoding',
  'host',
  'cookie',
  'authorization',
  'expect',
])

/** Leaves the lines whose names are listed out of `lines` (CRLF-terminated field lines). */
export function withoutNames(lines: string, names: readonly string[]): string {
  return lines
    .split('\r\n')
    .filter((line) => !names.includes(line.slice(0, Math.max(0, line.indexOf(':'))).toLowerCase()))
    .join('\r\n')
}

/** What stands there as a number; -1 unless it is 1 to 15 digits and nothing else, as a Content-Length must be (RFC 9110 §8.6). */
export function parseDecimal(text: string, start: number, end: number): number {
  if (end <= start || end - start > 15) return -1
  let value = 0
  for (let i = start; i < end; i += 1) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}
