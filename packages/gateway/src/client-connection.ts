import { Admission } from './admission.ts'
import { ChunkScanner } from './chunk-scanner.ts'
import { ClientOutput } from './client-output.ts'
import { clientAddressOf, keepAliveMs, maxHeadBytes } from './entrance.ts'
import type { ClientSocket, Entrance, Via } from './entrance.ts'
import { Exchange } from './exchange.ts'
import type { ExchangeClient } from './exchange.ts'
import { Forwarding } from './forwarding.ts'
import { findHeadEnd, hasBareLf, HeldBytes } from './held-bytes.ts'
import { ownResponse } from './own-response.ts'
import type { OwnAnswer } from './own-response.ts'
import type { Plane } from './plane.ts'
import { isHeld, isUpstreamFull, ReadPause } from './read-pause.ts'
import { RequestHead } from './request-head.ts'

/** Bytes that a client may send ahead before it is made to wait. */
const maxHeldBytes = 64 * 1024
const headTimeoutMs = 30_000
/** Longest pause of a client that sends a body, or that takes no bytes of a response. */
const stalledMs = 120_000
/** How long the rest of what a client sends is read after the last response, so that it can read that (RFC 9112 §9.6). */
const lingerMs = 2000

/** First byte of a TLS connection (RFC 8446 §5.1): on a plain port nothing can be answered that its client reads. */
const tlsHandshake = 0x16

/** What comes at once up to this size is read as one string: its end is found faster in a string than in bytes. */
const maxTextBytes = 4096

/** Reads the first request of every connection: a scan is never interrupted. Those that ask again get a scanner of their own. */
const firstHead = new RequestHead()

type Phase = 'head' | 'length' | 'chunked' | 'response' | 'tunnel' | 'closing'

/** One client's connection: reads requests one after another, each strictly, and writes their responses in order. */
export class ClientConnection implements ExchangeClient {
  private readonly plane: Plane
  private readonly socket: ClientSocket
  private readonly entrance: Entrance
  private readonly address: string
  private readonly onClosed: (connection: ClientConnection) => void
  private phase: Phase = 'head'
  private exchange: Exchange | null = null
  private remaining = 0
  private scanner: ChunkScanner | null = null
  private readonly held = new HeldBytes()
  private isFeeding = false
  private readonly pause: ReadPause
  /** Monotonic ms at which the current phase began, or last moved. */
  private since: number
  private hasServed = false
  /** Of a service with rules for access, once it was asked. */
  private admission: Admission | null = null
  readonly output: ClientOutput
  private readonly via: Via
  private readonly forwarding: Forwarding
  private head = firstHead

  constructor(
    plane: Plane,
    socket: ClientSocket,
    at: { entrance: Entrance; via: Via; onClosed: (c: ClientConnection) => void },
  ) {
    this.plane = plane
    this.socket = socket
    this.pause = new ReadPause(socket)
    this.entrance = at.entrance
    this.via = at.via
    this.output = new ClientOutput(socket, !at.via.isTls, () => plane.clock.monotonicMs())
    this.onClosed = at.onClosed
    this.since = plane.clock.monotonicMs()
    this.address = clientAddressOf(at.via.tcp)
    this.forwarding = new Forwarding({
      clientAddress: this.address,
      fallbackHost: `${this.entrance.host}:${this.entrance.port}`,
      isTls: at.via.isTls,
    })
    socket.on('data', (chunk: Buffer) => this.onData(chunk))
    socket.on('end', () => this.onEnd())
    socket.on('drain', () => this.onDrain())
    socket.on('error', () => undefined)
    socket.on('close', () => this.onClose())
  }

  get isIdle(): boolean {
    return this.exchange === null && this.phase === 'head' && this.held.length === 0
  }

  private onData(chunk: Buffer): void {
    if (this.phase === 'closing') return
    if (this.held.length === 0 && !this.isFeeding) return this.feed(chunk)
    this.held.append(chunk)
    this.feedHeld()
  }

  /** Uses what waits, as far as it can be used now. */
  private feedHeld(): void {
    while (this.held.length > 0 && !this.isFeeding && this.canUse()) {
      if (this.phase === 'head' && !this.held.hasHeadOrFault()) {
        if (this.held.length > maxHeadBytes) this.refuse(400, 'a head over 32 KiB')
        return
      }
      const { length } = this.held
      this.feed(this.held.take())
      if (this.held.length === length && this.phase === 'head') return
    }
    this.checkHeld()
  }

  /** A request that waits for a replica holds what was read when it began to, and takes no more (invariant 18). */
  private checkHeld(): void {
    this.exchange?.onBodyHeld(this.held, this.remaining)
    this.pause.set(isHeld, this.held.length > (this.exchange?.isWaiting === true ? 0 : maxHeldBytes))
  }

  private canUse(): boolean {
    switch (this.phase) {
      case 'head':
        return !this.socket.writableNeedDrain
      case 'length':
      case 'chunked':
        return this.exchange?.isSent === true && !this.pause.has(isUpstreamFull)
      case 'tunnel':
        return !this.pause.has(isUpstreamFull)
      default:
        return false
    }
  }

  private feed(bytes: Buffer): void {
    this.isFeeding = true
    let at = 0
    while (at < bytes.length && this.canUse()) {
      const next = this.phase === 'head' ? this.readHead(bytes, at) : this.readBody(bytes, at)
      if (next === at) break
      at = next
    }
    this.isFeeding = false
    if (at < bytes.length && this.phase !== 'closing') {
      this.held.append(bytes.subarray(at))
      if (this.phase === 'head') this.held.hasHeadOrFault()
      this.checkHeld()
    }
  }

  /** @returns the position after the head; `from` when it is not whole yet. */
  private readHead(bytes: Buffer, from: number): number {
    if (this.hasServed && this.head === firstHead) this.head = new RequestHead()
    const { head } = this
    const isShort = bytes.length - from <= maxTextBytes
    const text = isShort ? bytes.toString('latin1', from) : ''
    const length = isShort ? head.lengthIn(text) : findHeadEnd(bytes, from, bytes.length) - from
    const end = from + length
    if (length <= 0) {
      if (this.held.length === 0 && from === 0) {
        this.since = this.plane.clock.monotonicMs()
        if (bytes[0] === tlsHandshake && !this.via.isTls) {
          this.socket.destroy()
          return bytes.length
        }
      }
      if (hasBareLf(bytes, from, bytes.length)) this.refuse(400, 'a bare LF')
      else if (bytes.length - from > maxHeadBytes) this.refuse(400, 'a head over 32 KiB')
      return from
    }
    const headText = isShort ? text.slice(0, length) : bytes.toString('latin1', from, end)
    if (length > maxHeadBytes) this.refuse(400, 'a head over 32 KiB')
    else if (!head.scan(headText, bytes, from)) this.refuse(head.status, head.fault)
    else this.startExchange()
    return end
  }

  private startExchange(): void {
    const { plane, entrance, head } = this
    const { service } = entrance
    if (service === null) return this.refuse(404, 'no service on this port')
    if (service.access !== null) {
      this.admission ??= this.via.admission ?? new Admission(this.address, plane)
      const refusal = this.admission.refusalOf(service.access, head)
      if (refusal !== null) {
        this.hasServed = true
        plane.noteAccessRefusal(service, refusal, head)
        return this.answer(refusal, head.hasBody || !head.isKeepAlive, head.method === 'HEAD')
      }
    }
    const number = plane.nextRequestNumber()
    const exchange = new Exchange(plane, this, {
      id: plane.idPrefix + number,
      service,
      method: head.method,
      target: head.target,
      startedMono: plane.clock.monotonicMs(),
      head: head.forwarded(this.forwarding, plane.idPrefix, number),
      hasBody: head.hasBody,
      isUpgrade: head.upgrade !== '',
      isKeepAlive: head.isKeepAlive,
      clientMinor: head.minor,
      asksForAnswerer: head.asksForAnswerer,
    })
    this.exchange = exchange
    this.since = exchange.startedMono
    this.hasServed = true
    if (head.isChunked) {
      this.phase = 'chunked'
      this.scanner = new ChunkScanner()
    } else if (head.contentLength > 0) {
      this.phase = 'length'
      this.remaining = head.contentLength
    } else this.phase = 'response'
    service.traits?.read(head, this.address, exchange)
    exchange.begin()
  }

  /** @returns the position after what was passed on. */
  private readBody(bytes: Buffer, from: number): number {
    const { exchange } = this
    if (exchange === null) return from
    this.since = this.plane.clock.monotonicMs()
    let end = bytes.length
    let isLast = false
    if (this.phase === 'length') {
      end = Math.min(end, from + this.remaining)
      this.remaining -= end - from
      isLast = this.remaining === 0
    } else if (this.phase === 'chunked' && this.scanner !== null) {
      const result = this.scanner.scan(bytes, from, end)
      if (result === 'malformed') {
        this.refuseBody()
        return bytes.length
      }
      end = this.scanner.position
      isLast = result === 'end'
    }
    if (isLast) {
      exchange.isRequestDone = true
      this.phase = 'response'
    }
    if (!exchange.sendBody(bytes.subarray(from, end))) this.pause.set(isUpstreamFull, true)
    return end
  }

  /** A body that cannot be read: the replica sees a cut request, never its end. */
  private refuseBody(): void {
    const hasBegun = this.exchange?.kind !== 'request'
    this.exchange?.abort('malformed')
    this.exchange = null
    if (hasBegun) this.breakOff(true)
    else this.refuse(400, 'a bad chunk')
  }

  /** Answers in the gateway's name and closes: nothing after a doubtful message is read as a request. */
  private refuse(status: number, fault: string): void {
    this.plane.noteRefusal(this.entrance.service, status)
    this.output.writeText(ownResponse({ status, text: fault, isClosing: true, isHead: false }))
    this.close()
  }

  /** Ends our side, and goes on reading for a moment. */
  private close(): void {
    this.phase = 'closing'
    this.exchange = null
    this.held.take()
    this.since = this.plane.clock.monotonicMs()
    this.output.flush()
    this.socket.end()
    this.pause.end()
  }

  onWaitOver(): void {
    this.since = this.plane.clock.monotonicMs()
    this.checkHeld()
  }

  onBodyWanted(): void {
    this.pause.set(isUpstreamFull, false)
    this.feedHeld()
  }

  onBodyDrain(): void {
    this.pause.set(isUpstreamFull, false)
    this.feedHeld()
  }

  onTunnel(): void {
    this.phase = 'tunnel'
    this.socket.setKeepAlive(true, 60_000)
    // Bytes that wait go out after the 101 head, which the relay writes next.
    if (this.held.length > 0) setImmediate(() => this.feedHeld())
  }

  endTunnel(): void {
    this.output.flush()
    this.socket.end()
  }

  onResponseEnd(isClosing: boolean, now = this.plane.clock.monotonicMs()): void {
    if (isClosing) return this.close()
    this.exchange = null
    this.phase = 'head'
    this.since = now
    this.pause.set(isUpstreamFull, false)
    this.feedHeld()
  }

  breakOff(isReset: boolean): void {
    if (isReset) {
      this.exchange = null
      this.phase = 'closing'
      this.output.flush()
      this.via.tcp.resetAndDestroy()
    } else this.close()
  }

  respond(answer: OwnAnswer): void {
    const { exchange } = this
    const isClosing = exchange === null || !exchange.isKeepAlive || !exchange.isRequestDone
    this.answer(answer, isClosing, exchange?.method === 'HEAD')
  }

  private answer(answer: OwnAnswer, isClosing: boolean, isHead: boolean): void {
    this.output.writeText(ownResponse({ ...answer, isClosing, isHead }))
    this.onResponseEnd(isClosing)
  }

  private onDrain(): void {
    this.since = this.plane.clock.monotonicMs()
    this.output.onDrain()
    this.exchange?.onClientDrain()
    this.feedHeld()
  }

  /** A client that ends its side has left (as nginx and Node read it), except in a tunnel. */
  private onEnd(): void {
    if (this.phase === 'tunnel') this.exchange?.onClientEnd()
    else if (this.exchange !== null) this.socket.destroy()
    else {
      this.output.flush()
      this.socket.end()
    }
  }

  private onClose(): void {
    const { exchange } = this
    this.exchange = null
    this.phase = 'closing'
    this.onClosed(this)
    exchange?.abort()
  }

  /** Called every second. */
  checkTimes(now: number): void {
    const waited = now - this.since
    switch (this.phase) {
      case 'closing':
        if (waited > lingerMs && this.socket.writableFinished) this.socket.destroy()
        else if (waited > stalledMs) this.socket.destroy()
        return
      case 'head':
        return this.checkHeadTime(waited)
      case 'length':
      case 'chunked':
        // While the replica waits for the client, silence is the client's.
        if (this.pause.isOn) break
        if (waited > stalledMs && this.exchange?.isSent === true) this.onSlowClient(false)
        return
      default:
    }
    if (this.output.isBlockedFor(stalledMs, now)) this.onSlowClient(true)
    else this.exchange?.checkSilence(now)
  }

  private checkHeadTime(waited: number): void {
    const isWaiting = this.hasServed && this.held.length === 0
    if (isWaiting && waited > (this.plane.isStopping ? this.plane.stoppingIdleMs : keepAliveMs)) this.close()
    else if (!isWaiting && waited > headTimeoutMs) {
      if (this.held.length === 0) this.socket.destroy()
      else this.refuse(408, 'the request head took too long')
    }
  }

  /** A reset also takes back what the kernel would go on to hold for a client that takes nothing. */
  private onSlowClient(isBlocked: boolean): void {
    const { exchange } = this
    this.exchange = null
    exchange?.abort('slow_client')
    if (isBlocked || exchange?.kind !== 'request') this.breakOff(true)
    else this.refuse(408, 'the request body took too long')
  }

  /** Ends the connection whatever is in flight. */
  destroy(): void {
    this.socket.destroy()
  }

  /** Ends a connection that waits for a request. */
  endIfIdle(): void {
    if (this.isIdle) this.close()
  }
}
