import type { Socket } from 'node:net'
import type { Server, TLSSocket } from 'node:tls'
import { ownResponse } from './own-response.ts'

/** First byte of a TLS connection, RFC 8446 §5.1. */
const handshake = 0x16
const firstByteMs = 30_000

/** Told once hands are shaken: `secure.alpnProtocol` says what is spoken (RFC 7301). */
type OnOpen = (secure: TLSSocket) => void

/** Connections of ports that speak TLS, from their first byte to the end of their handshake. */
export class TlsDoor {
  private readonly waiting = new Set<Socket>()
  /** Those that shake hands, by who is at the other end: all that a TLS connection tells of the one beneath it. */
  private readonly shaking = new Map<string, { readonly tcp: Socket; readonly onOpen: OnOpen }>()

  /** Hands on what `acceptor` has shaken hands with. */
  follow(acceptor: Server): void {
    acceptor.on('secureConnection', (secure: TLSSocket) => {
      const opened = this.shaking.get(peerOf(secure))
      secure.on('error', () => undefined)
      secure.allowHalfOpen = true
      if (opened === undefined) return void secure.destroy()
      this.shaking.delete(peerOf(secure))
      opened.onOpen(secure)
    })
    acceptor.on('tlsClientError', (_error, secure) => void secure.destroy())
  }

  /** Makes a TLS connection of a plain one; one that does not begin with a handshake is told so and closed. */
  open(tcp: Socket, acceptor: Server, onOpen: OnOpen): void {
    this.waiting.add(tcp)
    const onGone = (): void => void tcp.destroy()
    const onReadable = (): void => {
      const first: unknown = tcp.read()
      if (!Buffer.isBuffer(first)) return
      this.waiting.delete(tcp)
      tcp.off('readable', onReadable)
      tcp.off('end', onGone)
      tcp.off('timeout', onGone)
      tcp.setTimeout(0)
      if (first[0] !== handshake) return refuse(tcp)
      tcp.unshift(first)
      const peer = peerOf(tcp)
      this.shaking.set(peer, { tcp, onOpen })
      tcp.on('close', () => this.shaking.get(peer)?.tcp === tcp && this.shaking.delete(peer))
      // What shakes hands takes this over from it: a client that ends its side before they are shaken has left.
      tcp.allowHalfOpen = false
      acceptor.emit('connection', tcp)
    }
    tcp.on('error', () => undefined)
    tcp.on('close', () => this.waiting.delete(tcp))
    tcp.on('end', onGone)
    tcp.on('timeout', onGone)
    tcp.on('readable', onReadable)
    tcp.setTimeout(firstByteMs)
  }

  get count(): number {
    return this.waiting.size + this.shaking.size
  }

  /** Ends the connections that have not sent their first byte within `idleMs`; those that shake hands may go on. */
  close(idleMs: number): void {
    for (const tcp of this.waiting) {
      if (idleMs === 0) tcp.destroy()
      else tcp.setTimeout(idleMs)
    }
  }

  /** Ends all of them. */
  destroy(): void {
    this.close(0)
    for (const { tcp } of this.shaking.values()) tcp.destroy()
  }
}

/** The two ends of a TCP connection: one pair at a time. */
function peerOf({ remoteAddress = '', remotePort = 0, localPort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`
}

/** What a browser shows to somebody who typed `http:`. */
function refuse(tcp: Socket): void {
  const text = 'this port speaks HTTPS'
  tcp.end(ownResponse({ status: 400, text, isClosing: true, isHead: false }), 'latin1')
  tcp.resume()
  tcp.setTimeout(firstByteMs, () => tcp.destroy())
}
