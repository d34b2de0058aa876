// node bench/gateway/bare-relay.ts PORT UPSTREAM: passes bytes on and reads nothing in them. What Node.js itself takes to read an event and write it.
import { connect, createServer, type Socket } from 'node:net'

/** A connection to the upstream, and whoever has it now. */
interface Way {
  readonly upstream: Socket
  client: Socket | null
}

const [port = 0, upstreamPort = 0] = process.argv.slice(2).map(Number)
const shared = Buffer.allocUnsafeSlow(256 * 1024)
/** By length: nothing is made for an event as long as one before. */
const views = new Map<number, Buffer>()
/** Kept open, as every proxy does. */
const idle: Way[] = []

/** Not a copy: events are far smaller than what the kernel takes at once. */
function viewOf(length: number): Buffer {
  const known = views.get(length)
  if (known !== undefined) return known
  const view = shared.subarray(0, length)
  views.set(length, view)
  return view
}

function openWay(): Way {
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

createServer({ noDelay: true }, (client) => {
  const way = idle.pop() ?? openWay()
  way.client = client
  client.on('data', (bytes) => way.upstream.write(bytes))
  client.on('error', () => undefined)
  // Its clients leave after the last event.
  client.on('close', () => {
    way.client = null
    if (!way.upstream.destroyed) idle.push(way)
  })
}).listen(port, '127.0.0.1')
