// node bench/gateway-idle/run.ts [CONNECTIONS]: the memory of one gateway process with so many connections that wait: kept alive after a request, then
// as tunnels of WebSockets.
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { cpus } from 'node:os'
import { gatewayFlags } from '../../apps/cli/src/supervisor/process-spec.ts'
import { freePort, GatewayProcesses } from '../../apps/gateway/test/gateway-processes.ts'
import { rssMiBOf } from '../gateway/children.ts'

const wanted = Number(process.argv[2] ?? 10_000)
const settleMs = 3000
/** RFC 6455 §1.3. */
const acceptGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Descriptors of each process that are for something else. */
const spareDescriptors = 200

/** Runs in a process of its own: its end of ten thousand connections takes as many descriptors. */
function serve(): void {
  const upstream = createServer((_request, response) => response.end('ok'))
  upstream.on('upgrade', (request, socket) => {
    const key = String(request.headers['sec-websocket-key'])
    const accept = createHash('sha1')
      .update(key + acceptGuid)
      .digest('base64')
    socket.on('error', () => undefined)
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
  })
  upstream.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => process.send?.(upstream.address()))
}

if (process.send !== undefined) serve()
else await main()

function mostDescriptors(): number {
  return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
}

async function main(): Promise<void> {
  const upstream = fork(import.meta.filename)
  // Sent by `serve`: a TCP server has an AddressInfo.
  const { port: upstreamPort } = await new Promise<AddressInfo>((resolve) =>
    upstream.once('message', (address) => resolve(address as AddressInfo)),
  )
  const gateway = new GatewayProcesses()
  const port = await freePort()
  gateway.writeTable([
    {
      serviceUid: 'svc_1',
      serviceName: 'idle',
      host: '127.0.0.1',
      port,
      policy: 'least_load',
      streamTimeoutSeconds: 3600,
      replicas: [
        {
          replicaUid: 'rep_1',
          replicaId: 1,
          version: 1,
          host: '127.0.0.1',
          port: upstreamPort,
          isDraining: false,
        },
      ],
    },
  ])
  const { pid = 0 } = gateway.start(1, gatewayFlags)
  await gateway.untilServing(1, [port])

  console.log(`${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}: one gateway process`)
  const place = { port, pid }
  await measure(
    { ...place, name: 'kept alive', wanted },
    'GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer 0123456789abcdef\r\n\r\n',
    /ok$/,
  )
  // Each takes two descriptors of the gateway.
  const tunnels = Math.min(wanted, Math.floor((mostDescriptors() - spareDescriptors) / 2))
  await measure(
    { ...place, name: 'WebSockets', wanted: tunnels },
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    /\r\n\r\n$/,
  )
  upstream.kill()
  await gateway.remove()
}

interface Round {
  readonly port: number
  /** Of the gateway. */
  readonly pid: number
  readonly name: string
  readonly wanted: number
}

/** One connection that has got the answer to its request. */
function open(port: number, request: string, answered: RegExp): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('error', reject)
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (answered.test(text)) resolve(socket)
    })
    socket.write(request)
  })
}

async function measure(
  { port, pid, name, wanted: count }: Round,
  request: string,
  answered: RegExp,
): Promise<void> {
  const sockets: Socket[] = []
  const before = rssMiBOf(pid)
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(100, count - sockets.length) }, () =>
      open(port, request, answered),
    )
    sockets.push(...(await Promise.all(batch)))
  }
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  const after = rssMiBOf(pid)
  const each = ((after - before) * 1024) / count
  console.log(
    `${count} ${name}: ${after.toFixed(0)} MiB, ${before.toFixed(0)} before them, ${each.toFixed(1)} KiB each`,
  )
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => setTimeout(resolve, settleMs))
}
