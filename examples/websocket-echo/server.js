import { createServer } from 'node:http'
import { acceptKey, closeFrame, frame, FrameReader } from './frames.js'

const port = Number(process.env.PORT ?? 8080)
const replica = process.env.SKYPILOT_SERVE_REPLICA_ID ?? 'none'
const sockets = new Set()

const server = createServer((request, response) => {
  const isHealth = request.url === '/healthz'
  response.writeHead(isHealth ? 200 : 426, { 'content-type': 'text/plain' })
  response.end(isHealth ? 'ok\n' : 'connect with a WebSocket client\n')
})

server.on('upgrade', (request, socket, head) => {
  const key = request.headers['sec-websocket-key']
  const isOk =
    request.headers.upgrade?.toLowerCase() === 'websocket' &&
    request.headers['sec-websocket-version'] === '13'
  if (!isOk || key === undefined) {
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    return
  }
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${acceptKey(key)}\r\nX-Replica: ${replica}\r\n\r\n`,
  )
  sockets.add(socket)
  console.log(`open, ${sockets.size} now`)
  socket.on('close', () => sockets.delete(socket))
  socket.on('error', () => socket.destroy())
  echo(socket, head)
})

function echo(socket, head) {
  const reader = new FrameReader({
    onMessage: (opcode, payload) => {
      // A client that does not read must not fill our memory: stop reading from it.
      if (!socket.write(frame(opcode, payload))) {
        socket.pause()
        socket.once('drain', () => socket.resume())
      }
    },
    onPing: (payload) => socket.write(frame(0xa, payload)),
    onClose: (code) => socket.end(closeFrame(code)),
  })
  if (head.length > 0) reader.push(head)
  socket.on('data', (chunk) => reader.push(chunk))
}

server.listen(port, '127.0.0.1', () => {
  console.log(`replica ${replica} listens on 127.0.0.1:${server.address().port}, pid ${process.pid}`)
})

process.on('SIGTERM', () => {
  for (const socket of sockets) socket.end(closeFrame(1001))
  server.close(() => process.exit(0))
  server.closeIdleConnections()
  setTimeout(() => process.exit(0), 10_000).unref()
})
