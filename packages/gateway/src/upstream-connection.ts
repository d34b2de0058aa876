import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { ReplicaState } from './replica-state.ts'
import { SendMemory } from './send-memory.ts'
import { flushAtTurnEnd, type Gatherer } from './turn-end.ts'

/** One buffer for every read from every replica: what a reader keeps, it copies before it returns. */
const sharedBuffer = Buffer.allocUnsafeSlow(256 * 1024)

/** For a head and what follows it, of whichever request: up to its size they are one write. */
const requests = new SendMemory(16 * 1024)

/** Whoever uses a connection now. */
export interface UpstreamUser {
  onUpstreamConnected(): void
  /** `bytes` is valid until this returns. False stops reading until `resume`. */
  onUpstreamBytes(bytes: Buffer, length: number): boolean
  onUpstreamDrain(): void
  /** The replica ended its side. */
  onUpstreamEnd(): void
  /** Gone, whoever closed it. `errorCode` is null for a clean close. Not called after the user let go. */
  onUpstreamClose(errorCode: string | null): void
}

/** One connection to a replica. Its listeners live as long as it does; the user changes. */
export class UpstreamConnection implements Gatherer {
  readonly replica: ReplicaState
  user: UpstreamUser | null = null
  isConnected = false
  isClosed = false
  /** Requests that it carried before the current one. */
  served = 0
  /** Monotonic ms since when it waits. */
  idleSince = 0
  /** Longest wait, ms, before it is closed: below what the replica said. */
  idleLimitMs: number
  /** Monotonic ms at which connecting has taken too long. */
  readonly connectDeadline: number
  private readonly socket: Socket
  private isPaused = false
  private gathered = ''
  /** What goes out with it. */
  private gatheredBody: Buffer | null = null
  private errorCode: string | null = null
  private readonly onClosed: (connection: UpstreamConnection) => void

  constructor(replica: ReplicaState, options: ConnectOptions) {
    this.replica = replica
    this.connectDeadline = options.connectDeadline
    this.idleLimitMs = options.idleLimitMs
    this.onClosed = options.onClosed
    this.socket = connect({
      host: replica.host,
      port: replica.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      allowHalfOpen: true,
      onread: { buffer: sharedBuffer, callback: (length) => this.onRead(length) },
    })
    this.socket.on('connect', () => {
      this.isConnected = true
      options.onConnected(this)
      this.user?.onUpstreamConnected()
    })
    this.socket.on('drain', () => this.user?.onUpstreamDrain())
    this.socket.on('end', () => this.onEnd())
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.errorCode ??= error.code ?? error.message
    })
    this.socket.on('close', () => this.onClose())
  }

  /** Takes no other request: closed, or about to be (its 'close' comes a turn after `destroy`), or ended by the replica. */
  get isGone(): boolean {
    return this.isClosed || this.socket.destroyed || this.socket.readableEnded
  }

  get bytesRead(): number {
    return this.socket.bytesRead
  }

  get bytesWritten(): number {
    return this.socket.bytesWritten
  }

  private onRead(length: number): boolean {
    if (this.user === null) {
      this.destroy()
      return false
    }
    // What comes before a request is sent is no answer to it: the user hears of the close.
    if (this.gathered !== '') {
      this.socket.destroy()
      return false
    }
    const isOpen = this.user.onUpstreamBytes(sharedBuffer, length)
    if (!isOpen) this.isPaused = true
    return isOpen
  }

  private onEnd(): void {
    if (this.user === null) this.destroy()
    else this.user.onUpstreamEnd()
  }

  private onClose(): void {
    this.isClosed = true
    this.onClosed(this)
    const { user } = this
    this.user = null
    user?.onUpstreamClose(this.errorCode)
  }

  /** The replica has seen nothing of the user's request. */
  get isUnsent(): boolean {
    return !this.isConnected || this.gathered !== ''
  }

  /** Sends a request's head at the end of the turn, with what is written until then. */
  writeHead(head: string): void {
    this.gathered = head
    flushAtTurnEnd(this)
  }

  /** Sends what waits for the end of the turn. */
  flush(): void {
    const { gathered, gatheredBody, socket } = this
    if (gathered === '' || socket.destroyed) return
    this.gathered = ''
    this.gatheredBody = null
    if (gatheredBody === null) socket.write(gathered, 'latin1')
    else requests.writeJoined(socket, gathered, gatheredBody)
  }

  /** False when the bytes wait in memory: hold back until `onUpstreamDrain`. */
  write(bytes: Buffer): boolean {
    const { gathered, socket } = this
    if (gathered === '') return socket.write(bytes)
    if (this.gatheredBody === null && gathered.length + bytes.length <= requests.size) {
      this.gatheredBody = bytes
      return !socket.writableNeedDrain
    }
    socket.cork()
    this.flush()
    const isOpen = socket.write(bytes)
    socket.uncork()
    return isOpen
  }

  /** Reads on, where a user had it stop. */
  resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    this.socket.resume()
  }

  end(): void {
    this.flush()
    this.socket.end()
  }

  /** Lets the user go first, so that it hears nothing more. */
  destroy(): void {
    this.user = null
    this.socket.destroy()
  }

  /** Gives up connecting: the user hears `ETIMEDOUT`. */
  timeOut(): void {
    this.errorCode = 'ETIMEDOUT'
    this.socket.destroy()
  }
}

export interface ConnectOptions {
  readonly connectDeadline: number
  readonly idleLimitMs: number
  readonly onConnected: (connection: UpstreamConnection) => void
  readonly onClosed: (connection: UpstreamConnection) => void
}
