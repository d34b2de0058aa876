import type { Duplex } from 'node:stream'
import type { Admission } from './admission.ts'
import type { ServiceState } from './service-state.ts'

/** Request line and fields of one request, in HTTP/1.1 and HTTP/2 alike. */
export const maxHeadBytes = 32 * 1024
/** How long a connection is kept that waits for its next request, ms. */
export const keepAliveMs = 75_000

/** Where a connection came in. */
export interface Entrance {
  /** The service that the table in force has on this port. */
  service: ServiceState | null
  readonly host: string
  readonly port: number
}

/** What carries requests and responses: a TCP or TLS connection, or a stream of HTTP/2. */
export interface ClientSocket extends Duplex {
  setKeepAlive(isOn: boolean, initialDelayMs: number): unknown
}

/** How a connection came in. */
export interface Via {
  /** The connection itself, under TLS where that is spoken. */
  readonly tcp: { readonly remoteAddress?: string | undefined; resetAndDestroy(): unknown }
  readonly isTls: boolean
  /** What was found of the client so far, where several of its requests at once share it: the streams of one HTTP/2 connection. */
  readonly admission?: Admission
}

/** The address of a client as it connected: IPv4 also where it came in IPv6 form (RFC 4291 §2.5.5.2). '' when it is gone. */
export function clientAddressOf({
  remoteAddress = '',
}: {
  readonly remoteAddress?: string | undefined
}): string {
  return remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress
}
