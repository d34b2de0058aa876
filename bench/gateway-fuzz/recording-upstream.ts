import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { readRequests } from '../../packages/gateway/test/request-reader.ts'
import type { ReadRequest, Reading } from '../../packages/gateway/test/request-reader.ts'

/** Names the answers that come from here, so that what a proxy says in its own name is told apart. */
export const recordedField = 'X-Recorded'

interface Connection {
  readonly socket: Socket
  text: string
  answered: number
  hasContinued: boolean
}

/** A server that keeps every byte, and answers each whole request. */
export class RecordingUpstream {
  port = 0
  /** Monotonic ms of the last byte. */
  lastByteAt = 0
  /** Whole requests in the order in which they ended, whatever connection each came on. */
  requests: ReadRequest[] = []
  private readonly server: Server
  private connections: Connection[] = []

  constructor() {
    this.server = createServer((socket) => {
      const connection = { socket, text: '', answered: 0, hasContinued: false }
      this.connections.push(connection)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('data', (bytes: Buffer) => {
        this.lastByteAt = performance.now()
        connection.text += bytes.toString('latin1')
        this.answer(connection)
      })
    })
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    const address = this.server.address() as AddressInfo // a TCP server has an AddressInfo
    this.port = address.port
  }

  /** What each connection brought, oldest first. */
  get received(): readonly string[] {
    return this.connections.map(({ text }) => text).filter((text) => text !== '')
  }

  /** Forgets what came. Connections at rest stay, as the proxies keep them; others are for the proxy to end: it has lost its client. */
  reset(): void {
    this.requests = []
    this.connections = this.connections.filter(
      ({ socket, text }) => !socket.destroyed && readRequests(text).rest === 'whole',
    )
    for (const connection of this.connections) {
      connection.text = ''
      connection.answered = 0
      connection.hasContinued = false
    }
  }

  close(): void {
    for (const { socket } of this.connections) socket.destroy()
    this.server.close()
  }

  private answer(connection: Connection): void {
    const { socket } = connection
    const reading: Reading = readRequests(connection.text)
    for (const request of reading.requests.slice(connection.answered)) {
      connection.answered += 1
      this.requests.push(request)
      connection.hasContinued = false
      const body = request.method === 'HEAD' ? '' : 'ok'
      socket.write(
        `HTTP/1.1 200 OK\r\n${recordedField}: ${connection.answered}\r\nContent-Length: 2\r\n\r\n${body}`,
      )
    }
    if (reading.rest === 'unreadable') socket.destroy()
    else if (reading.wantsContinue && !connection.hasContinued) {
      connection.hasContinued = true
      socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    }
  }
}
