/**
 * Memory for what is written to a plain TCP socket, used again for each write: Node.js hands the kernel what it is given before `write` returns.
 * Where the kernel does not take all of it, the rest waits there, and the memory must be lent.
 */
export class SendMemory {
  readonly size: number
  private memory: Buffer
  /** Of copies, by length: nothing is made for one as long as another before. */
  private views: (Buffer | null)[] | null = null

  /** @param size bytes of the longest write. */
  constructor(size: number) {
    this.size = size
    this.memory = Buffer.allocUnsafeSlow(size)
  }

  /** A copy of at most `size` bytes; valid until the next one, or for good once it is lent. */
  copy(bytes: Buffer, from: number, to: number): Buffer {
    this.views ??= Array.from({ length: this.size + 1 }, () => null)
    bytes.copy(this.memory, 0, from, to)
    return (this.views[to - from] ??= this.memory.subarray(0, to - from))
  }

  /** The same of a latin1 string and the bytes behind it. */
  join(text: string, bytes: Buffer): Buffer {
    this.memory.write(text, 0, 'latin1')
    bytes.copy(this.memory, text.length)
    return this.memory.subarray(0, text.length + bytes.length)
  }

  /** The write of the last copy has not ended: the memory is left to it. */
  lend(): void {
    this.memory = Buffer.allocUnsafeSlow(this.size)
    this.views = null
  }
}
