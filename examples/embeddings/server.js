import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

const port = Number(process.env.PORT ?? 8080)
const dimensions = Number(process.env.DIMENSIONS ?? 256)
const replica = process.env.SKYPILOT_SERVE_REPLICA_ID ?? 'none'
const maxBodyBytes = 4 * 1024 * 1024
const maxInputs = 2048

const server = createServer((request, response) => {
  const path = request.url?.split('?')[0]
  response.setHeader('x-replica', replica)
  if (path === '/health') {
    response.end('ok\n')
  } else if (path === '/v1/embeddings' && request.method === 'POST') {
    readJson(request).then(
      (body) => answer(response, body),
      () => refuse(response, 400, 'the body must be JSON of at most 4 MiB'),
    )
  } else {
    refuse(response, 404, 'POST /v1/embeddings {"model", "input"}')
  }
})

function answer(response, body) {
  const inputs = typeof body?.input === 'string' ? [body.input] : body?.input
  const isUsable = Array.isArray(inputs) && inputs.length > 0 && inputs.length <= maxInputs
  if (!isUsable || !inputs.every((text) => typeof text === 'string')) {
    refuse(response, 400, `input must be a text, or a list of 1 to ${maxInputs} texts`)
    return
  }
  const words = inputs.reduce((sum, text) => sum + wordsOf(text).length, 0)
  sendJson(response, 200, {
    object: 'list',
    model: 'hashed-words',
    data: inputs.map((text, index) => ({ object: 'embedding', index, embedding: embed(text) })),
    usage: { prompt_tokens: words, total_tokens: words },
  })
}

/** Feature hashing: each word and each of its three-letter parts counts at a place that its hash gives; length 1. */
function embed(text) {
  const vector = Array.from({ length: dimensions }, () => 0)
  for (const word of wordsOf(text)) {
    for (const part of [word, ...partsOf(`^${word}$`)]) {
      const digest = createHash('sha256').update(part).digest()
      vector[digest.readUInt32BE(0) % dimensions] += digest[4] % 2 === 0 ? 1 : -1
    }
  }
  const length = Math.hypot(...vector) || 1
  return vector.map((value) => value / length)
}

function wordsOf(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

function partsOf(word) {
  return Array.from({ length: Math.max(word.length - 2, 0) }, (_, start) => word.slice(start, start + 3))
}

function refuse(response, status, message) {
  sendJson(response, status, { error: { message, type: 'invalid_request_error' } })
}

function sendJson(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

async function readJson(request) {
  const chunks = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new Error('body too large')
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

server.listen(port, '127.0.0.1', () => console.log(`replica ${replica} listens on ${server.address().port}`))

process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
