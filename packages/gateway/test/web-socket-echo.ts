import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { httpUpstream } from './harness.ts'
import type { Upstream } from './harness.ts'

/** A replica with a page, and a WebSocket server that says back what it hears; at `/no` it answers 403 to who would open one. */
export interface Echo extends Upstream {
  /** The requests to open one. */
  readonly upgrades: IncomingMessage[]
  readonly opened: WebSocket[]
  /** Code and reason by which each ended. */
  readonly closed: [number, string][]
}

export async function echoing(): Promise<Echo> {
  const upstream = await httpUpstream((_request, response) => void response.end('plain'))
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: true })
  const upgrades: IncomingMessage[] = []
  const opened: WebSocket[] = []
  const closed: [number, string][] = []
  upstream.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    upgrades.push(request)
    if (request.url === '/no') return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
    return server.handleUpgrade(request, socket, head, (webSocket) => {
      opened.push(webSocket)
      webSocket.on('message', (message, isBinary) => webSocket.send(message, { binary: isBinary }))
      webSocket.on('close', (code, reason) => closed.push([code, reason.toString()]))
    })
  })
  return { ...upstream, upgrades, opened, closed }
}
