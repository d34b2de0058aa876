// A replica for the soak: short answers, streams, uploads; told its port by its parent.
import { createServer } from 'node:http'

const events = 20
const everyMs = 40

createServer((request, response) => {
  if (request.url !== '/stream') {
    request.resume().on('end', () => response.end('ok'))
    return
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream' })
  let sent = 0
  const timer = setInterval(() => {
    sent += 1
    response.write(`data: ${sent}\n\n`)
    if (sent < events && !response.destroyed) return
    clearInterval(timer)
    response.end()
  }, everyMs)
}).listen({ port: 0, host: '127.0.0.1' }, function (this: { address(): unknown }) {
  process.send?.(this.address())
})
