import { createServer } from 'node:http'

const port = Number(process.env.PORT ?? 8080)
const replica = process.env.SKYPILOT_SERVE_REPLICA_ID ?? 'none'
const words = 'the cloud is a sky of many clouds and this is one token of a long reply'.split(' ')
const maxBodyBytes = 1024 * 1024
let isStopping = false

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === '/healthz') {
    response.writeHead(isStopping ? 503 : 200).end('ok\n')
  } else if (url.pathname === '/stream' && request.method === 'GET') {
    stream(response, wish(url.searchParams.get('tokens'), url.searchParams.get('ms')))
  } else if (url.pathname === '/generate' && request.method === 'POST') {
    readJson(request).then(
      (body) => stream(response, { ...wish(body?.tokens, body?.ms), prompt: String(body?.prompt ?? '') }),
      () => response.writeHead(400).end('the body must be JSON of at most 1 MiB\n'),
    )
  } else {
    response
      .writeHead(404)
      .end('GET /stream?tokens=200&ms=100 or POST /generate {"prompt", "tokens", "ms"}\n')
  }
})

function wish(tokens, ms) {
  return { tokens: bounded(tokens, 200, 1, 100_000), ms: bounded(ms, 100, 0, 60_000), prompt: '' }
}

function bounded(text, fallback, least, most) {
  const value = Number(text ?? fallback)
  return Number.isFinite(value) ? Math.min(Math.max(Math.trunc(value), least), most) : fallback
}

function stream(response, { tokens, ms, prompt }) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  console.log(`stream of ${tokens} tokens, one each ${ms} ms`)
  const said = prompt.split(/\s+/).filter(Boolean)
  let index = 0
  let timer
  const next = () => {
    if (index === tokens) {
      response.end('data: [DONE]\n\n')
      return
    }
    const token = said[index] ?? words[index % words.length]
    const hasRoom = response.write(`data: ${JSON.stringify({ index, token, replica })}\n\n`)
    index += 1
    if (hasRoom) timer = setTimeout(next, ms)
    else response.once('drain', () => (timer = setTimeout(next, ms)))
  }
  response.once('close', () => clearTimeout(timer))
  next()
}

async function readJson(request) {
  const chunks = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new Error('body too large')
    chunks.push(chunk)
  }
  return bytes === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

server.listen(port, '127.0.0.1', () => {
  console.log(`replica ${replica} listens on 127.0.0.1:${server.address().port}, pid ${process.pid}`)
})

// Open streams run to their end; the platform stops waiting when its own bound has passed.
process.on('SIGTERM', () => {
  isStopping = true
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
