// node batch.js URL < texts > vectors: one line of JSON for each line of text, in the order of the lines.
import { createInterface } from 'node:readline'

const url = process.argv[2]
const concurrency = Number(process.env.CONCURRENCY ?? 16)
const maxAttempts = 8

if (url === undefined || !URL.canParse(url)) {
  console.error('usage: node batch.js http://127.0.0.1:30001/v1/embeddings < texts > vectors')
  process.exit(2)
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const finished = new Map()
let taken = 0
let written = 0
let failed = 0

async function work() {
  for (;;) {
    const { value: input, done } = await lines.next()
    if (done) return
    const index = taken
    taken += 1
    finished.set(index, await result(index, input))
    flush()
  }
}

async function result(index, input) {
  try {
    const answer = await ask({ model: 'hashed-words', input })
    return { index, input, embedding: answer.data[0].embedding }
  } catch (error) {
    failed += 1
    return { index, input, error: error.message }
  }
}

/** An embedding has no effect, so that a request is safely sent again after 5xx or a connection that broke. */
async function ask(body) {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    }).catch((error) => ({ ok: false, status: 503, text: async () => String(error.cause ?? error) }))
    if (response.ok) return await response.json()
    const said = (await response.text()).trim()
    if (response.status < 500 || attempt === maxAttempts) throw new Error(`${response.status}: ${said}`)
    await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt * (0.5 + Math.random())))
  }
}

function flush() {
  while (finished.has(written)) {
    process.stdout.write(`${JSON.stringify(finished.get(written))}\n`)
    finished.delete(written)
    written += 1
  }
}

await Promise.all(Array.from({ length: concurrency }, work))
console.error(`${written} texts, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
