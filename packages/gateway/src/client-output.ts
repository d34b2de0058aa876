import type { Writable } from 'node:stream'
import type { HeadPlace } from './response-head.ts'
import type { RelayOutput } from './response-relay.ts'
import { SendMemory } from './send-memory.ts'
import { flushAtTurnEnd, type Gatherer } from './turn-end.ts'
import { noteYoungBuffer } from './young-buffers.ts'

/** More than this does not wait for the end of the turn: Node.js writes a string up to this size without an allocation. */
const maxGatheredBytes = 16 * 1024
/** For events, of whichever client. */
const events = new SendMemory(4096)

/** The bytes that go to a client, and since when it takes none. Heads and short answers are gathered until the end of the turn. */
export class ClientOutput implements RelayOutput, Gatherer {
  /** Monotonic ms since when the client takes no bytes; -1 while it does. */
  blockedSince = -1
  private readonly socket: Writable
  private readonly isPlain: boolean
  private readonly monotonicMs: () => number
  private gathered = ''

  /** @param isPlain the socket is TCP and nothing above it: it hands the kernel what it is given before `write` returns. */
  constructor(socket: Writable, isPlain: boolean, monotonicMs: () => number) {
    this.socket = socket
    this.isPlain = isPlain
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

  /** As one string that is made of no others, which Node.js would have to put together before it writes: so the head's start is moved. */
  writePlaced(bytes: Buffer, { from, cutFrom, cutTo, to: headEnd }: HeadPlace, to: number): boolean {
    const start = from + cutTo - cutFrom
    if (start > from) bytes.copyWithin(start, from, cutFrom)
    if (to - start <= maxGatheredBytes) return this.writeText(bytes.toString('latin1', start, to))
    return this.writeHead(bytes.toString('latin1', start, headEnd), bytes, headEnd, to)
  }

  writeBytes(bytes: Buffer, from: number, to: number, isPart: boolean): boolean {
    if (to - from <= events.size) {
      // An event of a stream mostly comes alone in its turn: the end of the turn would cost it more than it saves.
      if (!isPart && this.gathered === '') return this.writeEvent(bytes, from, to)
      return this.writeText(bytes.toString('latin1', from, to))
    }
    this.flush()
    noteYoungBuffer(to - from)
    return this.noted(this.socket.write(Buffer.from(bytes.subarray(from, to))))
  }

  private writeEvent(bytes: Buffer, from: number, to: number): boolean {
    const { socket } = this
    // What may wait for long takes no more memory than it needs.
    if (!this.isPlain || socket.writableLength > 0)
      return this.noted(socket.write(bytes.toString('latin1', from, to), 'latin1'))
    return this.noted(events.write(socket, bytes, from, to))
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
