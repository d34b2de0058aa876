// A replica of the soak, as `replica.ts PORT UID`: tells its parent the port, says on every response who it is, which request it was asked, and by which
// id the gateway knows it. It ends with its parent.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { WebSocketServer } from 'ws'
import { piecesOf } from './asks.ts'

const [port = '0', uid = ''] = process.argv.slice(2)

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => unknown

function idOf({ pathname }: URL): string {
  return pathname.slice(pathname.lastIndexOf('/') + 1)
}

const answers: Readonly<Record<string, Answer>> = {
  short: (request, response, url) => {
    request.resume()
    response.end(`ok ${idOf(url)}`)
  },
  late: async (_request, response, url) => {
    await delay(Number(url.searchParams.get('ms')))
    response.end(`ok ${idOf(url)}`)
  },
  upload: async (request, response) => {
    let bytes = 0
    let crc = 0
    // An IncomingMessage without an encoding yields Buffers only.
    for await (const piece of request as AsyncIterable<Buffer>) {
      bytes += piece.length
      crc = crc32(piece, crc)
    }
    response.end(`${bytes} ${crc}`)
  },
  events: async (_request, response, url) => {
    response.setHeader('Content-Type', 'text/event-stream')
    const count = Number(url.searchParams.get('count'))
    for (let at = 0; at < count && !response.destroyed; at += 1) {
      response.write(`data: ${idOf(url)} ${at}\n\n`)
      await delay(Number(url.searchParams.get('ms')))
    }
    response.end()
  },
  download: async (_request, response, url) => {
    const bytes = Number(url.searchParams.get('bytes'))
    response.setHeader('Content-Length', bytes)
    await pipeline(Readable.from(piecesOf(bytes)), response)
  },
  silence: () => undefined,
  cut: async (_request, response, url) => {
    response.setHeader('Content-Length', 1000)
    response.write('x'.repeat(100))
    await delay(20)
    if (url.searchParams.get('reset') === '1') response.socket?.resetAndDestroy()
    else response.destroy()
  },
}

function saysWho(request: IncomingMessage): [string, string][] {
  return [
    ['X-Soak-Replica', uid],
    ['X-Soak-Id', String(request.headers['x-request-id'])],
    ['X-Soak-Path', new URL(request.url ?? '/', 'http://replica').pathname],
  ]
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://replica')
  for (const [name, value] of saysWho(request)) response.setHeader(name, value)
  const answer = answers[url.pathname.split('/')[1] ?? ''] ?? (() => response.writeHead(404).end())
  // Whoever asked has left.
  Promise.resolve(answer(request, response, url)).catch(() => response.destroy())
})

const sockets = new WebSocketServer({ noServer: true })
sockets.on('headers', (headers, request) => {
  for (const [name, value] of saysWho(request)) headers.push(`${name}: ${value}`)
})
sockets.on('connection', (socket) => {
  socket.on('error', () => undefined)
  socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }))
})
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => undefined)
  sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request))
})

process.on('disconnect', () => process.exit())
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 1024 }, () =>
  process.send?.(server.address()),
)
