import { createServer } from 'node:http'

const port = Number(process.env.PORT ?? 8080)
const replica = process.env.SKYPILOT_SERVE_REPLICA_ID ?? 'none'
const greeting = process.env.GREETING ?? 'Hello'
let served = 0

const server = createServer((request, response) => {
  const path = request.url?.split('?')[0]
  if (path !== '/healthz') {
    served += 1
    console.log(`${new Date().toISOString()} ${request.method} ${path} #${served}`)
  }
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  request.resume()
  if (path === '/healthz') response.end('ok\n')
  else response.end(`${greeting} from replica ${replica} (pid ${process.pid}), reply ${served}\n`)
})

server.listen(port, '127.0.0.1', () => {
  console.log(`replica ${replica} listens on 127.0.0.1:${server.address().port}, pid ${process.pid}`)
})

process.on('SIGTERM', () => {
  console.log('SIGTERM: finishing what is open')
  server.close(() => process.exit(0))
  server.closeIdleConnections()
  setTimeout(() => process.exit(0), 10_000).unref()
})
