import { ChunkScanner } from './chunk-scanner.ts'
import { endsInServerClose } from './close-frame.ts'
import { findHeadEnd, findHeadEndInText, hasBareLf, HeldBytes } from './held-bytes.ts'
import { ResponseHead } from './response-head.ts'
import type { HeadPlace } from './response-head.ts'

const maxHeadBytes = 64 * 1024
/** A head is sought in so many bytes first, as a string: in that it is found faster. */
const maxTextBytes = 512
/** One scanner serves every response of a process: a scan is never interrupted. */
const head = new ResponseHead()
/** Where the last head stood that is passed on in place: good until its bytes are written, before the relay takes others. */
const place: HeadPlace = { from: 0, cutFrom: 0, cutTo: 0, to: 0 }

/** Where a response is written. All answer false when bytes wait in memory. */
export interface RelayOutput {
  writeText(text: string): boolean
  writeHead(text: string, body: Buffer, from: number, to: number): boolean
  /** A head as it stands in the bytes, and what follows it there up to `to`. May move the head within them. */
  writePlaced(bytes: Buffer, head: HeadPlace, to: number): boolean
  /** Copies the bytes if it cannot send them at once. `isPart`: others of the same read may follow, and go with them. */
  writeBytes(body: Buffer, from: number, to: number, isPart: boolean): boolean
}

/** The exchange, as its relay sees it. */
export interface RelayOwner {
  readonly method: string
  readonly isUpgrade: boolean
  readonly isKeepAlive: boolean
  readonly isRequestDone: boolean
  /** Minor version of the client's HTTP/1; 2 for HTTP/2, which frames bodies itself. */
  readonly clientMinor: number
  /** A whole field with its line end, or ''. */
  readonly answererField: string
  onResponseStart(status: number, isTunnel: boolean): void
  /** Trailer fields of a body that is passed on without its chunks: name, value, name, value … */
  onTrailers?(fields: readonly string[]): void
  onResponseComplete(hasSurplus: boolean): void
  onBadResponse(fault: string): void
}

type Phase = 'head' | 'length' | 'chunked' | 'until-close' | 'tunnel' | 'done'

/** Passes one response on as its bytes come, finding only where it ends. */
export class ResponseRelay {
  /** The client's connection ends with this response. */
  isClosing = false
  /** The replica keeps its connection. */
  isReusable = false
  keepAliveSeconds = -1
  /** The last bytes from the replica were a WebSocket close frame. */
  sawTunnelClose = false
  private readonly owner: RelayOwner
  private readonly output: RelayOutput
  private phase: Phase = 'head'
  private remaining = 0
  private scanner: ChunkScanner | null = null
  private isUnchunking = false
  private held: HeldBytes | null = null
  /** A head that goes out with the first body bytes, as one write; '' where `isPlaced`. */
  private pendingHead = ''
  /** The head stands in the bytes at hand, at `place`. */
  private isPlaced = false
  private isOpen = true

  constructor(owner: RelayOwner, output: RelayOutput) {
    this.owner = owner
    this.output = output
  }

  /** True while only the end of the connection ends the body. */
  get endsWithConnection(): boolean {
    return this.phase === 'until-close'
  }

  /** Takes what the replica sent. False: the client is slow, stop reading. */
  take(bytes: Buffer, length: number): boolean {
    this.isOpen = true
    if (this.held === null) this.read(bytes, length)
    else {
      this.held.append(bytes.subarray(0, length))
      if (this.held.hasHeadOrFault()) {
        const all = this.held.take()
        this.held = null
        this.read(all, all.length)
      } else if (this.held.length > maxHeadBytes) this.refuse('a head over 64 KiB')
    }
    return this.isOpen
  }

  private read(bytes: Buffer, length: number): void {
    let at = 0
    while (at < length && this.phase !== 'done') {
      const next = this.phase === 'head' ? this.readHead(bytes, at, length) : this.readBody(bytes, at, length)
      if (next < 0) return
      at = next
    }
    this.flushHead(bytes)
  }

  /** @returns the position after the head, -1 when there is nothing more to do with these bytes. */
  private readHead(bytes: Buffer, from: number, to: number): number {
    const text = bytes.toString('latin1', from, Math.min(to, from + maxTextBytes))
    const length = findHeadEndInText(text, 0)
    const end = length > 0 ? from + length : to - from > text.length ? findHeadEnd(bytes, from, to) : 0
    if (end === 0) {
      if (hasBareLf(bytes, from, to)) return this.refuse('a bare LF')
      this.held = new HeldBytes()
      this.held.append(bytes.subarray(from, to))
      this.held.hasHeadOrFault()
      return -1
    }
    if (end - from > maxHeadBytes) return this.refuse('a head over 64 KiB')
    const headText = length > 0 ? text.slice(0, length) : bytes.toString('latin1', from, end)
    if (!head.scan(headText, bytes, from)) return this.refuse(head.fault)
    const { owner } = this
    if (head.status === 101) {
      if (!owner.isUpgrade || head.upgrade === '') return this.refuse('101 to a request without an upgrade')
    } else if (head.status < 200) {
      if (owner.clientMinor !== 0)
        this.writeNow(head.forwarded({ isClosing: false, clientMinor: 1, answererField: '' }))
      return end
    }
    return this.startBody(bytes, from, end, to)
  }

  private startBody(bytes: Buffer, from: number, end: number, to: number): number {
    const { owner } = this
    const kind = head.bodyKind(owner.method)
    this.isUnchunking = kind === 'chunked' && owner.clientMinor !== 1
    const isDelimited = kind !== 'until-close' && !this.isUnchunking
    this.isClosing = !owner.isKeepAlive || !isDelimited || !owner.isRequestDone
    this.isReusable = head.isKeepAlive && kind !== 'until-close'
    this.keepAliveSeconds = head.keepAliveSeconds
    this.putHead(from)
    const isTunnel = head.status === 101
    this.phase = isTunnel ? 'tunnel' : kind === 'none' ? 'done' : kind
    this.remaining = kind === 'length' ? head.contentLength : 0
    if (kind === 'chunked')
      this.scanner = new ChunkScanner(this.isUnchunking ? (b, f, t) => this.emit(b, f, t) : null)
    owner.onResponseStart(head.status, isTunnel)
    if (kind === 'none' && !isTunnel) {
      this.flushHead(bytes)
      owner.onResponseComplete(end < to)
      return -1
    }
    return end
  }

  private putHead(from: number): void {
    const { clientMinor, answererField } = this.owner
    const to = { isClosing: this.isClosing, clientMinor, answererField }
    this.isPlaced = head.isPlaced(to)
    if (this.isPlaced) head.putPlace(place, from)
    else this.pendingHead = head.forwarded(to)
  }

  private readBody(bytes: Buffer, from: number, to: number): number {
    switch (this.phase) {
      case 'length': {
        const end = Math.min(to, from + this.remaining)
        this.remaining -= end - from
        this.emit(bytes, from, end)
        if (this.remaining > 0) return end
        this.finish(end < to)
        return -1
      }
      case 'chunked':
        return this.readChunked(bytes, from, to)
      case 'tunnel':
        this.sawTunnelClose = endsInServerClose(bytes, from, to)
        this.emit(bytes, from, to)
        return to
      default:
        this.emit(bytes, from, to)
        return to
    }
  }

  private readChunked(bytes: Buffer, from: number, to: number): number {
    const { scanner } = this
    if (scanner === null) return -1
    const result = scanner.scan(bytes, from, to)
    if (result === 'malformed') return this.refuse('a bad chunk')
    if (!this.isUnchunking) this.emit(bytes, from, scanner.position)
    if (result === 'more') return to
    this.flushHead(bytes)
    this.owner.onTrailers?.(scanner.trailers)
    this.finish(scanner.position < to)
    return -1
  }

  /** Ends a body that the replica ended with its connection. */
  complete(): void {
    this.finish(false)
  }

  private finish(hasSurplus: boolean): void {
    this.phase = 'done'
    this.owner.onResponseComplete(hasSurplus)
  }

  private emit(bytes: Buffer, from: number, to: number): void {
    if (to === from) return
    const { pendingHead, output } = this
    let isOpen: boolean
    if (this.isPlaced) {
      this.isPlaced = false
      isOpen = output.writePlaced(bytes, place, to)
    } else if (pendingHead === '') isOpen = output.writeBytes(bytes, from, to, this.isUnchunking)
    else {
      this.pendingHead = ''
      isOpen = output.writeHead(pendingHead, bytes, from, to)
    }
    if (!isOpen) this.isOpen = false
  }

  private flushHead(bytes: Buffer): void {
    const { pendingHead } = this
    if (this.isPlaced) {
      this.isPlaced = false
      if (!this.output.writePlaced(bytes, place, place.to)) this.isOpen = false
    } else if (pendingHead !== '') {
      this.pendingHead = ''
      this.writeNow(pendingHead)
    }
  }

  private writeNow(text: string): void {
    if (!this.output.writeText(text)) this.isOpen = false
  }

  private refuse(fault: string): -1 {
    this.phase = 'done'
    this.pendingHead = ''
    this.isPlaced = false
    this.owner.onBadResponse(fault)
    return -1
  }
}
