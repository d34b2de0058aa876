// node bench/gateway/bare-relay.ts PORT UPSTREAM [PORT UPSTREAM …]: passes bytes on and reads nothing in them. What Node.js itself takes to read and write.
import { connect, createServer, type Socket } from 'node:net'

/** A connection to the upstream, and whoever has it now. */
interface Way {
  readonly upstream: Socket
  client: Socket | null
}

const shared = Buffer.allocUnsafeSlow(256 * 1024)
/** By length: nothing is made for an event as long as one before. */
const views = new Map<number, Buffer>()

/** Not a copy: events and answers are far smaller than what the kernel takes at once. */
function viewOf(length: number): Buffer {
  const known = views.get(length)
  if (known !== undefined) return known
  const view = shared.subarray(0, length)
  views.set(length, view)
  return view
}

function openWay(upstreamPort: number): Way {
  const callback = (length: number): true => {
    way.client?.write(viewOf(length))
    return true
  }
  const upstream = connect({
    port: upstreamPort,
    host: '127.0.0.1',
    noDelay: true,
    onread: { buffer: shared, callback },
  })
  const way: Way = { upstream, client: null }
  upstream.on('error', () => undefined)
  upstream.on('close', () => way.client?.destroy())
  return way
}

function serve(port: number, upstreamPort: number): void {
  // Kept open, as every proxy does.
  const idle: Way[] = []
  createServer({ noDelay: true }, (client) => {
    const way = idle.pop() ?? openWay(upstreamPort)
    way.client = client
    client.on('data', (bytes) => way.upstream.write(bytes))
    client.on('error', () => undefined)
    // Its clients leave after the last answer or event.
    client.on('close', () => {
      way.client = null
      if (!way.upstream.destroyed) idle.push(way)
    })
  }).listen(port, '127.0.0.1')
}

const ports = process.argv.slice(2).map(Number)
for (let at = 0; at + 1 < ports.length; at += 2) serve(ports[at] ?? 0, ports[at + 1] ?? 0)
