const lf = 10
const cr = 13
const headEnd = Buffer.from('\r\n\r\n')
const nothing = Buffer.alloc(0)

/** Position after the first CRLF CRLF at or after `from`; 0 when there is none. */
export function findHeadEnd(bytes: Buffer, from: number, to: number): number {
  const at = bytes.indexOf(headEnd, from)
  return at < 0 || at + 4 > to ? 0 : at + 4
}

/** The same of a head that is latin1 text already. */
export function findHeadEndInText(text: string, from: number): number {
  const at = text.indexOf('\r\n\r\n', from)
  return at < 0 ? 0 : at + 4
}

/**
 * Bytes that wait: the part of a head that has come so far, or what a client sent ahead. Grows by doubling, and looks
 * at each byte once for the end of a head, so that a head sent byte by byte costs no more than its length.
 */
export class HeldBytes {
  private bytes: Buffer = nothing
  private size = 0
  private seen = 0

  get length(): number {
    return this.size
  }

  append(chunk: Buffer): void {
    const needed = this.size + chunk.length
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(1024, needed, this.bytes.length * 2))
      this.bytes.copy(grown, 0, 0, this.size)
      this.bytes = grown
    }
    chunk.copy(this.bytes, this.size)
    this.size = needed
  }

  /** A view of the bytes, good until the next call of another method. */
  peek(): Buffer {
    return this.bytes.subarray(0, this.size)
  }

  /** Hands the bytes over; nothing is held afterwards. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.size)
    this.bytes = nothing
    this.size = 0
    this.seen = 0
    return taken
  }

  /** True when a whole head, or a line that no head may have, is there; looks only at bytes not looked at before. */
  hasHeadOrFault(): boolean {
    const { bytes } = this
    for (;;) {
      const at = bytes.indexOf(lf, this.seen)
      if (at < 0 || at >= this.size) {
        this.seen = this.size
        return false
      }
      this.seen = at + 1
      const isBare = at === 0 || bytes[at - 1] !== cr
      if (isBare || (at >= 3 && bytes[at - 2] === lf)) return true
    }
  }
}

/** True when a line of an unfinished head ends in a bare LF (RFC 9112 §2.2 lets us refuse it). */
export function hasBareLf(bytes: Buffer, from: number, to: number): boolean {
  for (let at = bytes.indexOf(lf, from); at >= 0 && at < to; at = bytes.indexOf(lf, at + 1)) {
    if (at === from || bytes[at - 1] !== cr) return true
  }
  return false
}
