import type { Duplex } from 'node:stream'
import { Socket } from 'node:net'

/** One connection of a client: its own port names it, as long as it is open. */
export interface Connection {
  readonly localPort: number
  /** When it was begun, monotonic ms. */
  readonly begunAtMs: number
}

const known = new WeakMap<Duplex, Connection>()

/** Remembers the connection that a socket has, or will have. */
export function noteConnection(socket: Duplex): void {
  if (!(socket instanceof Socket) || known.has(socket)) return
  const begunAtMs = performance.now()
  const note = (): void => {
    const { localPort } = socket
    if (localPort !== undefined) known.set(socket, { localPort, begunAtMs })
  }
  if (socket.connecting) socket.once('connect', note)
  else note()
}

/** Null: it came to none. */
export function connectionOf(socket: Duplex | null): Connection | null {
  return socket === null ? null : (known.get(socket) ?? null)
}
