import type { Writable } from 'node:stream'

/**
 * Memory for what is written to plain TCP sockets, used again for each write: Node.js hands the kernel what it is given before `write` returns.
 * Where the kernel does not take all of it, the memory is left to what waits.
 */
export class SendMemory {
  readonly size: number
  private memory: Buffer
  /** By length, each from the start: nothing is made for a write as long as one before. */
  private views: (Buffer | null)[] | null = null

  /** @param size bytes of the longest write. */
  constructor(size: number) {
    this.size = size
    this.memory = Buffer.allocUnsafeSlow(size)
  }

  /** Writes a copy of at most `size` bytes. @returns what the socket's `write` does. */
  write(socket: Writable, bytes: Buffer, from: number, to: number): boolean {
    bytes.copy(this.memory, 0, from, to)
    this.views ??= Array.from({ length: this.size + 1 }, () => null)
    return this.send(socket, (this.views[to - from] ??= this.memory.subarray(0, to - from)))
  }

  /** The same of a latin1 string and the bytes behind it; of these lengths there are too many for views that are kept. */
  writeJoined(socket: Writable, text: string, bytes: Buffer): boolean {
    this.memory.write(text, 0, 'latin1')
    bytes.copy(this.memory, text.length)
    return this.send(socket, this.memory.subarray(0, text.length + bytes.length))
  }

  private send(socket: Writable, view: Buffer): boolean {
    const isOpen = socket.write(view)
    if (socket.writableLength > 0) {
      this.memory = Buffer.allocUnsafeSlow(this.size)
      this.views?.fill(null)
    }
    return isOpen
  }
}
