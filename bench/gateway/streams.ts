// node bench/gateway/streams.ts PORT PORT: both ends of server-sent events, and the end of uploads. A line `PORT STREAMS EVENTS TIMES` on standard input is answered by one of JSON.
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

/** One stream, from its connection on; each event's time of writing is told. */
async function readStream(port: number, events: number, onEvent: (writtenUs: number) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let count = 0
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`a stream ended after ${count} of ${events} events`)))
    socket.on('data', (bytes) => {
      for (const match of bytes.toString('latin1').matchAll(/data: (\d+)\n/g)) {
        onEvent(Number(match[1]))
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

/**
 * So many clients, each of which reads one stream after another. They begin spread over the length of a stream, so that as many end and begin at
 * any time as at any other. Latencies of what was written while all were there, µs.
 */
async function ask(port: number, streams: number, events: number, times: number): Promise<Asked> {
  const seen: { readonly writtenUs: number; readonly latencyUs: number }[] = []
  let allSince = 0
  let allUntil = Infinity
  const one = async (at: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, (at * events * everyUs) / 1000 / streams))
    allSince = nowUs()
    for (let time = 0; time < times; time += 1)
      await readStream(port, events, (writtenUs) => seen.push({ writtenUs, latencyUs: nowUs() - writtenUs }))
    allUntil = Math.min(allUntil, nowUs())
  }
  await Promise.all(Array.from({ length: streams }, (_, at) => one(at)))
  const counted = seen.filter(({ writtenUs }) => writtenUs >= allSince && writtenUs <= allUntil)
  return {
    events: seen.length,
    latenciesUs: counted.map(({ latencyUs }) => latencyUs).toSorted((a, b) => a - b),
  }
}

interface Asked {
  readonly events: number
  readonly latenciesUs: readonly number[]
}

for (const port of process.argv.slice(2)) serve(Number(port))
for await (const line of createInterface({ input: process.stdin })) {
  const [port = 0, streams = 0, events = 0, times = 0] = line.split(' ').map(Number)
  const asked = await ask(port, streams, events, times)
  const at = (share: number): number =>
    asked.latenciesUs[Math.floor((asked.latenciesUs.length - 1) * share)] ?? Number.NaN
  const said: AskedStreams = { events: asked.events, p50Us: at(0.5), p99Us: at(0.99) }
  process.stdout.write(`${JSON.stringify(said)}\n`)
}
// Whoever asked is gone: so are the servers.
process.exit()
