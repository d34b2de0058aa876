import type { Writable } from 'node:stream'
import type { RelayOutput } from './response-relay.ts'

/** Up to this size a write is one latin1 string: cheaper than a buffer that must be copied anyway. */
const maxStringBytes = 4096

/** The bytes that go to a client, and since when it takes none. */
export class ClientOutput implements RelayOutput {
  /** Monotonic ms since when the client takes no bytes; -1 while it does. */
  blockedSince = -1
  private readonly socket: Writable
  private readonly monotonicMs: () => number

  constructor(socket: Writable, monotonicMs: () => number) {
    this.socket = socket
    this.monotonicMs = monotonicMs
  }

  writeText(text: string): boolean {
    return this.noted(this.socket.write(text, 'latin1'))
  }

  writeHead(text: string, body: Buffer, from: number, to: number): boolean {
    if (text.length + to - from <= maxStringBytes)
      return this.writeText(text + body.toString('latin1', from, to))
    this.socket.cork()
    this.socket.write(text, 'latin1')
    const isOpen = this.writeBytes(body, from, to)
    this.socket.uncork()
    return isOpen
  }

  writeBytes(body: Buffer, from: number, to: number): boolean {
    if (to - from <= maxStringBytes) return this.writeText(body.toString('latin1', from, to))
    return this.noted(this.socket.write(Buffer.from(body.subarray(from, to))))
  }

  private noted(isOpen: boolean): boolean {
    if (!isOpen && this.blockedSince < 0) this.blockedSince = this.monotonicMs()
    return isOpen
  }

  /** The client has taken all that waited. */
  onDrain(): void {
    this.blockedSince = -1
  }

  isBlockedFor(ms: number, now: number): boolean {
    return this.blockedSince >= 0 && now - this.blockedSince > ms
  }
}
