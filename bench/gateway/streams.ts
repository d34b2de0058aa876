// node bench/gateway/streams.ts serve PORT PORT | ask PORT STREAMS: both ends of server-sent events that carry the time of their writing, and the end of uploads.
import { createServer, connect, type Socket } from 'node:net'

const chunks = 100
const everyMs = 10

/** Monotonic for the whole machine, µs. */
function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

function serve(port: number): void {
  createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined)
    let missing = 0
    socket.on('data', (bytes) => {
      if (missing === 0) {
        const head = bytes.toString('latin1', 0, 4096)
        const length = /^Content-Length: (\d+)/im.exec(head)?.[1]
        if (length === undefined) return answer(socket)
        missing = Number(length) + head.indexOf('\r\n\r\n') + 4
      }
      missing -= bytes.length
      if (missing === 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
  }).listen(port, '127.0.0.1')
}

function answer(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n')
  let sent = 0
  const timer = setInterval(() => {
    const event = `data: ${nowUs()}\n\n`
    sent += 1
    socket.write(`${event.length.toString(16)}\r\n${event}\r\n${sent === chunks ? '0\r\n\r\n' : ''}`)
    if (sent === chunks || socket.destroyed) clearInterval(timer)
  }, everyMs)
}

/** Latencies of all events of so many streams at once, µs. */
async function ask(port: number, streams: number): Promise<number[]> {
  const seen: number[] = []
  const one = async (at: number): Promise<void> => {
    // Not all at the same moment: the chunks of real streams are spread.
    await new Promise((resolve) => setTimeout(resolve, (at * everyMs) / streams))
    await new Promise<void>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      let count = 0
      socket.on('error', reject)
      socket.on('close', () => reject(new Error(`a stream ended after ${count} of ${chunks} events`)))
      socket.on('data', (bytes) => {
        const now = nowUs()
        for (const match of bytes.toString('latin1').matchAll(/data: (\d+)\n/g)) {
          seen.push(now - Number(match[1]))
          count += 1
        }
        if (count < chunks) return
        socket.removeAllListeners('close')
        socket.destroy()
        resolve()
      })
      socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n')
    })
  }
  await Promise.all(Array.from({ length: streams }, (_, at) => one(at)))
  return seen
}

const [, , role, ...rest] = process.argv
if (role === 'serve') for (const port of rest) serve(Number(port))
else {
  const seen = (await ask(Number(rest[0]), Number(rest[1]))).toSorted((a, b) => a - b)
  const at = (share: number): number =>
    seen[Math.min(seen.length - 1, Math.floor(seen.length * share))] ?? Number.NaN
  process.stdout.write(`${JSON.stringify({ events: seen.length, p50Us: at(0.5), p99Us: at(0.99) })}\n`)
}
