import type { Writable } from 'node:stream'
import type { RelayOutput } from './response-relay.ts'
import { flushAtTurnEnd, type Gatherer } from './turn-end.ts'
import { noteYoungBuffer } from './young-buffers.ts'

/** Up to this size a write is one latin1 string: cheaper than a buffer that must be copied anyway. */
const maxStringBytes = 4096
/** More than this does not wait for the end of the turn: Node.js writes a string up to this size without an allocation. */
const maxGatheredBytes = 16 * 1024

/** The bytes that go to a client, and since when it takes none. Heads and short answers are gathered until the end of the turn. */
export class ClientOutput implements RelayOutput, Gatherer {
  /** Monotonic ms since when the client takes no bytes; -1 while it does. */
  blockedSince = -1
  private readonly socket: Writable
  private readonly monotonicMs: () => number
  private gathered = ''

  constructor(socket: Writable, monotonicMs: () => number) {
    this.socket = socket
    this.monotonicMs = monotonicMs
  }

  /** Sends it at the end of the turn. False: what was sent before waits in memory. */
  writeText(text: string): boolean {
    if (this.gathered === '') {
      this.gathered = text
      flushAtTurnEnd(this)
    } else {
      this.gathered += text
      if (this.gathered.length > maxGatheredBytes) this.flush()
    }
    return !this.socket.writableNeedDrain
  }

  writeHead(text: string, body: Buffer, from: number, to: number): boolean {
    if (text.length + to - from <= maxGatheredBytes)
      return this.writeText(text + body.toString('latin1', from, to))
    const head = this.gathered + text
    this.gathered = ''
    this.socket.cork()
    this.socket.write(head, 'latin1')
    const isOpen = this.writeBytes(body, from, to, false)
    this.socket.uncork()
    return isOpen
  }

  writeBytes(body: Buffer, from: number, to: number, isPart: boolean): boolean {
    if (to - from <= maxStringBytes) {
      const text = body.toString('latin1', from, to)
      // An event of a stream mostly comes alone in its turn: the end of the turn would cost it more than it saves.
      if (isPart || this.gathered !== '') return this.writeText(text)
      return this.noted(this.socket.write(text, 'latin1'))
    }
    this.flush()
    noteYoungBuffer(to - from)
    return this.noted(this.socket.write(Buffer.from(body.subarray(from, to))))
  }

  /** Sends what is gathered now: to be called before the connection is ended. */
  flush(): void {
    const text = this.gathered
    if (text === '') return
    this.gathered = ''
    if (!this.socket.destroyed) this.noted(this.socket.write(text, 'latin1'))
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
