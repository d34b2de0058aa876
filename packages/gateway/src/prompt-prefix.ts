import { hashByte, hashStart, keyOf } from './hash.ts'

/** How much of a body is looked at for its prompt, bytes. */
export const maxPromptScanBytes = 16 * 1024
/** The bytes so far do not decide it: more are needed. */
export const promptUnfinished = -2
/** There is no prompt to go by. */
export const noPrompt = -1

const maxDepth = 30
const quote = 0x22
const backslash = 0x5c

/** One scanner serves every request of a process: a scan is never interrupted. */
class PromptScan {
  private bytes: Buffer = Buffer.alloc(0)
  private at = 0
  private depth = 0
  /** A bit for each open bracket: 1 for an object. */
  private objects = 0
  private keyStart = 0
  private keyEnd = 0
  private isKeyNext = false
  /** The key at the top whose value this is, where it is one of them. */
  private wanted: 'prompt' | 'messages' | null = null
  private hash = hashStart
  private left = 0

  /** @returns the key from 0 to 2^31 - 1, `noPrompt` or `promptUnfinished`. */
  run(bytes: Buffer, prefixBytes: number): number {
    this.bytes = bytes
    this.at = 0
    this.depth = 0
    this.objects = 0
    this.isKeyNext = false
    this.wanted = null
    this.hash = hashStart
    this.left = prefixBytes
    const found = this.walk(bytes, prefixBytes)
    this.bytes = Buffer.alloc(0)
    return found
  }

  private walk(bytes: Buffer, prefixBytes: number): number {
    for (; this.at < bytes.length; this.at += 1) {
      const byte = bytes[this.at] ?? 0
      if (this.depth === 0 && byte !== 0x7b && byte > 0x20) return noPrompt
      if (byte === quote) {
        if (!this.readString()) return this.left === 0 ? keyOf(this.hash) : promptUnfinished
      } else this.follow(byte)
      if (this.depth > maxDepth) return noPrompt
      if (this.depth === 0 && isBracketEnd(byte)) return this.end(prefixBytes)
      if (this.wanted === null || this.depth !== 1) continue
      // Back in the object around it: its value is over, and is all there is.
      if (this.left < prefixBytes || byte === 0x2c) return this.end(prefixBytes)
    }
    return promptUnfinished
  }

  /** Keeps depth and kind of what is open. */
  private follow(byte: number): void {
    if (byte === 0x7b || byte === 0x5b) {
      this.depth += 1
      this.objects = (this.objects << 1) | (byte === 0x7b ? 1 : 0)
      this.isKeyNext = byte === 0x7b
    } else if (isBracketEnd(byte)) {
      this.depth -= 1
      this.objects >>>= 1
      this.isKeyNext = false
    } else if (byte === 0x2c) this.isKeyNext = (this.objects & 1) === 1
  }

  private end(prefixBytes: number): number {
    return this.left < prefixBytes ? keyOf(this.hash) : noPrompt
  }

  /** From its first quote to its last. False: the bytes end before it does, or enough of the prompt is there. */
  private readString(): boolean {
    const { bytes } = this
    const start = this.at + 1
    const isText = !this.isKeyNext && this.isWantedText
    let i = start
    for (; i < bytes.length && bytes[i] !== quote; i += 1) {
      if (isText && !this.take(bytes[i] ?? 0)) return false
      if (bytes[i] !== backslash) continue
      i += 1
      if (isText && i < bytes.length && !this.take(bytes[i] ?? 0)) return false
    }
    if (i >= bytes.length) return false
    if (this.isKeyNext) {
      this.keyStart = start
      this.keyEnd = i
      this.isKeyNext = false
      if (this.depth === 1)
        this.wanted = this.isKey('prompt') ? 'prompt' : this.isKey('messages') ? 'messages' : null
    }
    this.at = i
    return true
  }

  /** Adds a byte of the prompt. False: that was the last one that counts. */
  private take(byte: number): boolean {
    this.hash = hashByte(this.hash, byte)
    this.left -= 1
    return this.left > 0
  }

  /** Of `prompt` every text counts; of `messages` what stands under `content`, or under `text` in one of its parts. */
  private get isWantedText(): boolean {
    if (this.wanted === 'prompt') return true
    return this.wanted === 'messages' && (this.isKey('content') || this.isKey('text'))
  }

  private isKey(name: string): boolean {
    if (this.keyEnd - this.keyStart !== name.length) return false
    for (let i = 0; i < name.length; i += 1) {
      if (this.bytes[this.keyStart + i] !== name.charCodeAt(i)) return false
    }
    return true
  }
}

function isBracketEnd(byte: number): boolean {
  return byte === 0x7d || byte === 0x5d
}

const scan = new PromptScan()

/**
 * The key of a prompt: of the first `prefixBytes` bytes of `prompt`, or of the contents of `messages` one after another, in an
 * OpenAI-style JSON body of which `body` is the beginning; as they stand in the JSON. A shorter prompt counts as it is.
 * @returns from 0 to 2^31 - 1, `noPrompt`, or `promptUnfinished` when more bytes are needed. Never reads past `maxPromptScanBytes`.
 */
export function promptKeyOf(body: Buffer, prefixBytes: number): number {
  const isCut = body.length >= maxPromptScanBytes
  const found = scan.run(isCut ? body.subarray(0, maxPromptScanBytes) : body, prefixBytes)
  return isCut && found === promptUnfinished ? noPrompt : found
}
