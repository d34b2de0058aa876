import { endsInClientClose } from './close-frame.ts'
import { isOwnShortage, readmit } from './ejection.ts'
import { HedgedRequest } from './hedged-request.ts'
import type { RequestStart } from './in-flight.ts'
import type { OwnAnswer } from './own-response.ts'
import type { Plane } from './plane.ts'
import type { RequestFault } from './refusals.ts'
import { ResponseRelay } from './response-relay.ts'
import type { RelayOutput } from './response-relay.ts'
import type { UpstreamConnection } from './upstream-connection.ts'
import { noteYoungBuffer } from './young-buffers.ts'

const maxReplayBytes = 64 * 1024
/** How long one side of a tunnel may go on silently after the other has ended. */
const halfOpenMs = 10_000
/** RFC 9110 §9.2.2. */
const idempotentMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** The client's side of an exchange. */
export interface ExchangeClient {
  readonly output: RelayOutput
  /** The request waits for a replica no longer. */
  onWaitOver(): void
  /** The replica takes the body now. */
  onBodyWanted(): void
  /** The replica takes more of the body, after a write that returned false. */
  onBodyDrain(): void
  onTunnel(): void
  /** The replica ended its side of a tunnel. */
  endTunnel(): void
  /** The whole response is written. */
  onResponseEnd(isClosing: boolean, now: number): void
  /** Ends the connection in the middle of a response. */
  breakOff(isReset: boolean): void
  /** Answers in the gateway's own name. */
  respond(answer: OwnAnswer): void
}

export interface ExchangeStart extends RequestStart {
  /** The head as it goes to the replica. */
  readonly head: string
  readonly hasBody: boolean
  readonly isUpgrade: boolean
  readonly isKeepAlive: boolean
  readonly clientMinor: number
  readonly asksForAnswerer: boolean
}

/** One request and its response: both directions, and what is repeated when a replica is lost. */
export class Exchange extends HedgedRequest {
  readonly isUpgrade: boolean
  readonly clientMinor: number
  isTunnel = false
  /** True while a replica's connection takes what the client sends. */
  isSent = false
  isRequestDone: boolean
  private readonly client: ExchangeClient
  private readonly head: string
  private readonly wantsKeepAlive: boolean
  private readonly asksForAnswerer: boolean
  private readonly relay: ResponseRelay
  private replay: Buffer[] | null = null
  private replayBytes = 0
  protected isReplayable: boolean
  protected hasBytes = false
  private hasClientEnded = false
  /** The last bytes from the client were a WebSocket close frame: it waits for the replica's. */
  private saidGoodbye = false
  private hasUpstreamEnded = false
  private isTunnelLost = false
  private isUpstreamPaused = false
  /** The bytes at hand are the first of the response. */
  private isFirstRead = false
  /** Bytes in both directions when the sweep looked last: a clock for each event would cost more than passing it on. */
  private bytesNoticed = 0

  constructor(plane: Plane, client: ExchangeClient, start: ExchangeStart) {
    super(plane, start, idempotentMethods.has(start.method))
    this.client = client
    this.head = start.head
    this.isUpgrade = start.isUpgrade
    this.wantsKeepAlive = start.isKeepAlive
    this.clientMinor = start.clientMinor
    this.asksForAnswerer = start.asksForAnswerer
    this.isRequestDone = !start.hasBody
    this.isReplayable = this.isIdempotent
    this.relay = new ResponseRelay(this, client.output)
  }

  /** The client's connection may take another request. */
  get isKeepAlive(): boolean {
    return this.wantsKeepAlive && !this.plane.isStopping
  }

  /** The field that names the replica and its version to a client that asked; '' to all others. */
  get answererField(): string {
    const { reached } = this
    if (!this.asksForAnswerer || reached === null) return ''
    return `X-Skykeep-Replica: ${reached.replicaId};version=${reached.version}\r\n`
  }

  protected onWaitOver(): void {
    this.client.onWaitOver()
  }

  protected respond(answer: OwnAnswer): void {
    this.client.respond(answer)
  }

  /** It stands in the last line of the head. */
  protected get forwardedId(): string {
    const { head } = this
    return head.slice(head.lastIndexOf(': ') + 2, -4)
  }

  protected forgetBody(): void {
    this.replay = null
  }

  protected send(upstream: UpstreamConnection): void {
    this.isSent = true
    if (this.service.hedge !== null && this.isRequestDone) this.armHedge(this.service.hedge)
    this.writeSecond(upstream)
    if (!this.isRequestDone) this.client.onBodyWanted()
  }

  writeSecond(upstream: UpstreamConnection): void {
    upstream.writeHead(this.head)
    for (const bytes of this.replay ?? []) upstream.write(bytes)
  }

  /** Passes body bytes on (they must not change afterwards). False: hold back until `onBodyDrain`. */
  sendBody(bytes: Buffer): boolean {
    this.bytesIn += bytes.length
    noteYoungBuffer(bytes.length)
    if (this.isTunnel) this.saidGoodbye = endsInClientClose(bytes, 0, bytes.length)
    else if (this.isReplayable) {
      this.replayBytes += bytes.length
      if (this.replayBytes > maxReplayBytes) {
        this.isReplayable = false
        this.replay = null
      } else {
        this.replay ??= []
        this.replay.push(bytes)
      }
    }
    if (this.service.hedge !== null && this.isRequestDone) this.armHedge(this.service.hedge)
    return this.upstream?.write(bytes) ?? true
  }

  onUpstreamConnected(): void {
    this.lastActivity = this.plane.clock.monotonicMs()
    if (this.upstream !== null) this.sendNow(this.upstream)
  }

  onUpstreamDrain(): void {
    this.client.onBodyDrain()
  }

  onUpstreamBytes(bytes: Buffer, length: number): boolean {
    this.bytesOut += length
    if (this.hasBytes) return this.pass(bytes, length)
    this.onFirstBytes()
    this.isFirstRead = true
    const isOpen = this.pass(bytes, length)
    this.isFirstRead = false
    return isOpen
  }

  private onFirstBytes(): void {
    const { replica, service } = this
    this.lastActivity = this.plane.clock.monotonicMs()
    this.hasBytes = true
    if (this.hasSecond) this.dropHedging()
    const tookMs = this.lastActivity - this.startedMono
    service.counter.totals.firstByte.note(tookMs)
    replica?.totals.firstByte.note(tookMs)
    if (service.logShare > 0) this.firstByteMs = tookMs
    if (replica !== null && replica.ejectedAt >= 0 && !replica.isOutlier) readmit(replica)
  }

  private pass(bytes: Buffer, length: number): boolean {
    if (this.relay.take(bytes, length) || this.isEnded) return true
    this.isUpstreamPaused = true
    return false
  }

  /** The client takes more again. */
  onClientDrain(): void {
    if (!this.isUpstreamPaused) return
    this.isUpstreamPaused = false
    this.lastActivity = this.plane.clock.monotonicMs()
    this.upstream?.resume()
  }

  /** Called by the relay once for the final head. */
  onResponseStart(status: number, isTunnel: boolean): void {
    this.status = status
    this.noteAnswer(status)
    this.kind = isTunnel ? 'websocket' : 'stream'
    this.plane.inFlight.changed(this)
    // It answers: it may be given more of those that wait, though this one may go on for hours.
    if (this.service.waiting.count > 0 && this.replica !== null) this.replica.window += 1
    if (!isTunnel) return
    this.isTunnel = true
    this.replay = null
    this.client.onTunnel()
  }

  /** Called by the relay when the response is whole. */
  onResponseComplete(hasSurplus: boolean): void {
    const { upstream, relay } = this
    const now = this.isFirstRead ? this.lastActivity : this.plane.clock.monotonicMs()
    const isClosing = relay.isClosing || !this.isRequestDone
    this.letGo()
    if (upstream !== null) {
      if (relay.isReusable && this.isRequestDone && !hasSurplus) {
        this.plane.pool.release(upstream, relay.keepAliveSeconds, now)
      } else upstream.destroy()
    }
    this.end(this.status >= 500, now)
    this.client.onResponseEnd(isClosing, now)
  }

  /** Called by the relay for a response that must not be passed on. */
  onBadResponse(fault: string): void {
    if (this.replica !== null) this.plane.warnOfReplica(this.replica, fault)
    this.upstream?.destroy()
    if (this.status === 0) {
      this.noteAnswer(502)
      this.letGo()
      this.fail('bad_answer', { status: 502, text: 'the replica gave an answer that is not HTTP/1.1' })
    } else this.breakResponse(true)
  }

  onUpstreamEnd(): void {
    if (this.isTunnel) {
      this.hasUpstreamEnded = true
      this.lastActivity = this.plane.clock.monotonicMs()
      this.noteMissed()
      this.client.endTunnel()
      if (this.hasClientEnded) this.endTunnel()
      return
    }
    if (this.relay.endsWithConnection) {
      this.upstream?.destroy()
      this.relay.complete()
      return
    }
    this.upstream?.destroy()
    this.onUpstreamClose(null)
  }

  /**
   * Lists a tunnel whose replica says no more, once: it gave no close frame, and the client has not left before it. One that said goodbye still
   * waits for the answer, as far as its last read shows a close frame.
   * @param isCut the replica's connection was reset: whatever the client had said, it does not have all.
   */
  private noteMissed(isCut = false): void {
    if (this.isTunnelLost || this.relay.sawTunnelClose) return
    if (this.hasClientEnded && !this.saidGoodbye && !isCut) return
    this.isTunnelLost = true
    this.plane.lost.add(this.describeLoss())
  }

  onUpstreamClose(errorCode: string | null): void {
    const { upstream, replica } = this
    if (upstream === null || replica === null) return
    if (this.isTunnel) {
      this.noteMissed(errorCode !== null)
      return this.endTunnel(this.isTunnelLost)
    }
    if (this.hasBytes) return this.onLateLoss(errorCode)
    this.blame(upstream, errorCode)
    if (this.goOnWithSecond(replica)) return
    const { isUnsent } = upstream
    const isWhole = this.isReplayable || (isUnsent && this.bytesIn === 0)
    if (isWhole) return this.retry(replica, !isUnsent)
    this.letGo()
    this.failWithoutReplica('no replica takes a connection')
  }

  /** The replica went after some bytes: nothing can be repeated. */
  private onLateLoss(errorCode: string | null): void {
    if (this.replica !== null && errorCode !== null && !isOwnShortage(errorCode)) {
      this.ejectReplica(this.replica, errorCode)
    }
    if (this.status !== 0) return this.breakResponse(errorCode !== null)
    this.letGo()
    this.failWithoutReplica('')
  }

  private breakResponse(isReset: boolean): void {
    this.fault = 'broken_off'
    this.plane.lost.add(this.describeLoss())
    this.letGo()
    this.end(true)
    this.client.breakOff(isReset || this.relay.endsWithConnection)
  }

  /** The client ended its side of a tunnel. */
  onClientEnd(): void {
    if (this.hasClientEnded) return
    this.hasClientEnded = true
    this.lastActivity = this.plane.clock.monotonicMs()
    this.upstream?.end()
    if (this.hasUpstreamEnded) this.endTunnel()
  }

  private endTunnel(isReset = false): void {
    const { upstream } = this
    if (this.isTunnelLost) this.fault = 'broken_off'
    this.letGo()
    upstream?.destroy()
    this.end(this.isTunnelLost)
    this.client.breakOff(isReset)
  }

  /** The client is gone, or sent something that cannot be read: the replica is told by the end of its connection. */
  abort(fault: RequestFault = 'client_left'): void {
    if (this.isEnded) return
    const { upstream } = this
    this.fault = fault
    this.letGo()
    upstream?.destroy()
    this.end(false)
  }

  /** Called each second: ends an exchange whose replica has been silent for too long, up to two seconds late. */
  checkSilence(now: number): void {
    if (this.bytesIn + this.bytesOut !== this.bytesNoticed) {
      this.bytesNoticed = this.bytesIn + this.bytesOut
      this.lastActivity = now
    }
    if (this.isUpstreamPaused || this.isEnded || this.isWaiting) return
    const silentMs = now - this.lastActivity
    if (this.isTunnel) {
      if ((!this.hasClientEnded && !this.hasUpstreamEnded) || silentMs <= halfOpenMs) return
      this.noteMissed()
      return this.endTunnel()
    }
    if (silentMs <= this.service.streamTimeoutMs) return
    this.upstream?.destroy()
    if (this.status !== 0) return this.breakResponse(true)
    this.noteAnswer(504)
    this.letGo()
    this.fail('silent', { status: 504, text: 'the replica was silent for too long' })
  }

  protected override letGo(): void {
    this.isSent = false
    super.letGo()
  }
}
