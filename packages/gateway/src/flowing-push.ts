import type { Socket } from 'node:net'
import { Readable } from 'node:stream'

/**
 * `push` of a socket whose reader takes each chunk as it comes: the reader gets it, and that is all. `Readable` would ask for more in a tick of its
 * own, which a socket, that reads until it is stopped, does not need: a thirtieth of the core time of a small request (`bench/gateway`).
 * While the socket is paused or keeps something, and at its end, it goes the usual way.
 */
function pushFlowing(this: Readable, chunk: unknown, encoding?: BufferEncoding): boolean {
  if (chunk === null || this.readableFlowing !== true || this.readableLength > 0) {
    return Readable.prototype.push.call(this, chunk, encoding)
  }
  this.emit('data', chunk)
  return true
}

/** The socket, which from now on hands what it reads straight to its listener of 'data'. */
export function pushedDirectly<S extends Socket>(socket: S): S {
  socket.push = pushFlowing
  return socket
}
