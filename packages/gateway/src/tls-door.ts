import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { TLSSocket } from 'node:tls'
import { ownResponse } from './own-response.ts'

/** First byte of a TLS connection, RFC 8446 §5.1. */
const handshake = 0x16
const firstByteMs = 30_000

/** Connections of ports that speak TLS, from their first byte on. */
export class TlsDoor {
  private readonly waiting = new Set<Socket>()

  /** Makes a TLS connection of a plain one, and hands it on; one that does not begin with a handshake is told so and closed. */
  open(tcp: Socket, secureContext: SecureContext, onOpen: (secure: TLSSocket) => void): void {
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
      onOpen(new TLSSocket(tcp, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] }))
    }
    tcp.on('error', () => undefined)
    tcp.on('close', () => this.waiting.delete(tcp))
    tcp.on('end', onGone)
    tcp.on('timeout', onGone)
    tcp.on('readable', onReadable)
    tcp.setTimeout(firstByteMs)
  }

  get count(): number {
    return this.waiting.size
  }

  /** Ends the connections that have not sent their first byte. */
  close(): void {
    for (const tcp of this.waiting) tcp.destroy()
  }
}

/** What a browser shows to somebody who typed `http:`. */
function refuse(tcp: Socket): void {
  const text = 'this port speaks HTTPS'
  tcp.end(ownResponse({ status: 400, text, isClosing: true, isHead: false }), 'latin1')
  tcp.resume()
  tcp.setTimeout(firstByteMs, () => tcp.destroy())
}
