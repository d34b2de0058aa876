// node bench/gateway/streams.ts PORT PORT: both ends of server-sent events, and the end of uploads. A line `PORT STREAMS EVENTS` on standard input is answered by one of JSON.
import { createServer, connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { AskedStreams } from './stream-ends.ts'

const everyUs = 10_000
const tickMs = 1
const startedAt = process.hrtime.bigint()

/** Monotonic, µs. Both ends are this process: its two halves never wait for each other to get the core. */
function nowUs(): number {
  return Number(process.hrtime.bigint() - startedAt) / 1000
}

interface Source {
  /** When its next event is due, µs. */
  dueUs: number
  left: number
}

const sources = new Map<Socket, Source>()
/** Sources since there was none. */
let begun = 0
let ticker: NodeJS.Timeout | null = null

/**
 * Where in their 10 ms the events of the nth stream come: spread evenly, whatever their number (the golden ratio does), and the same behind every
 * proxy. From when a request arrives, the slower a proxy begins its streams the larger the bursts that it would get.
 */
function placeUs(nth: number): number {
  return ((nth * 0.618034) % 1) * everyUs
}

function serve(port: number): void {
  createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined)
    let missing = 0
    socket.on('data', (bytes) => {
      if (missing === 0) {
        const head = bytes.toString('latin1', 0, 4096)
        const length = /^Content-Length: (\d+)/im.exec(head)?.[1]
        if (length === undefined) return answer(socket, Number(/^GET \/events\/(\d+)/.exec(head)?.[1]))
        missing = Number(length) + head.indexOf('\r\n\r\n') + 4
      }
      missing -= bytes.length
      if (missing === 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
  }).listen(port, '127.0.0.1')
}

function answer(socket: Socket, events: number): void {
  socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n')
  begun = sources.size === 0 ? 0 : begun + 1
  sources.set(socket, { dueUs: Math.ceil(nowUs() / everyUs) * everyUs + placeUs(begun), left: events })
  ticker ??= setInterval(writeDue, tickMs)
}

function writeDue(): void {
  const now = nowUs()
  for (const [socket, source] of sources) {
    if (source.dueUs > now) continue
    source.dueUs += everyUs
    source.left -= 1
    const event = `data: ${Math.round(nowUs())}\n\n`
    const isLast = source.left === 0
    socket.write(`${event.length.toString(16)}\r\n${event}\r\n${isLast ? '0\r\n\r\n' : ''}`)
    if (isLast || socket.destroyed) sources.delete(socket)
  }
  if (sources.size > 0 || ticker === null) return
  clearInterval(ticker)
  ticker = null
}

/** Latencies of all events of so many streams at once, µs. */
async function ask(port: number, streams: number, events: number): Promise<number[]> {
  const seen: number[] = []
  const one = async (at: number): Promise<void> => {
    // Not all at the same moment: the events of real streams are spread.
    await new Promise((resolve) => setTimeout(resolve, (at * everyUs) / 1000 / streams))
    await new Promise<void>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      let count = 0
      socket.on('error', reject)
      socket.on('close', () => reject(new Error(`a stream ended after ${count} of ${events} events`)))
      socket.on('data', (bytes) => {
        const now = nowUs()
        for (const match of bytes.toString('latin1').matchAll(/data: (\d+)\n/g)) {
          seen.push(now - Number(match[1]))
          count += 1
        }
        if (count < events) return
        socket.removeAllListeners('close')
        socket.destroy()
        resolve()
      })
      socket.write(`GET /events/${events} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`)
    })
  }
  await Promise.all(Array.from({ length: streams }, (_, at) => one(at)))
  return seen
}

for (const port of process.argv.slice(2)) serve(Number(port))
for await (const line of createInterface({ input: process.stdin })) {
  const [port = 0, streams = 0, events = 0] = line.split(' ').map(Number)
  const seen = (await ask(port, streams, events)).toSorted((a, b) => a - b)
  const at = (share: number): number =>
    seen[Math.min(seen.length - 1, Math.floor(seen.length * share))] ?? Number.NaN
  const said: AskedStreams = { events: seen.length, p50Us: at(0.5), p99Us: at(0.99) }
  process.stdout.write(`${JSON.stringify(said)}\n`)
}
