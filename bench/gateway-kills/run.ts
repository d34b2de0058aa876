// node bench/gateway-kills/run.ts [KILLS]: two gateway processes under load, one of which is killed with SIGKILL again and again: how many connections were
// refused, how many requests broke, and whether each that had lasted stands in what the gateway reports afterwards.
import { createServer, Agent, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpus } from 'node:os'
import { gatewayFlags } from '../../apps/cli/src/supervisor/process-spec.ts'
import { freePort, GatewayProcesses } from '../../apps/gateway/test/gateway-processes.ts'

const kills = Number(process.argv[2] ?? 100)
const dialers = 16
const keepers = 16
const lasting = 32
const longMs = 1500
/** A request this old when it breaks must be listed: it is in the journal at 200 ms, or 50 ms later, and this clock is another process's. */
const listedAfterMs = 300
const pauseMs = 5

interface Broken {
  readonly path: string
  readonly code: string
  /** Since the first byte of its response, ms: from then on the gateway surely had it. */
  readonly ageMs: number
}

const gateway = new GatewayProcesses()
const kept = new Agent({ keepAlive: true, maxSockets: Infinity })
const broken: Broken[] = []
const ended = { 'on a connection of its own': 0, 'on a connection kept alive': 0, lasting: 0 }
const over = new AbortController()
let lastPath = 0

/** Asks once; a request that breaks is noted with its age. */
function ask(port: number, kind: 'short' | 'long', agent: Agent | false): Promise<void> {
  lastPath += 1
  const path = `/${kind}/${lastPath}`
  let begunAtMs = Infinity
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      broken.push({ path, code: error.code ?? error.message, ageMs: performance.now() - begunAtMs })
      resolve()
    }
    const asked = request({ host: '127.0.0.1', port, path, agent }, (response) => {
      begunAtMs = performance.now()
      response.resume()
      response.on('error', onError)
      response.on('end', resolve)
    })
    asked.on('error', onError)
    asked.end()
  })
}

async function loop(kind: keyof typeof ended, once: () => Promise<void>): Promise<void> {
  while (!over.signal.aborted) {
    await once()
    ended[kind] += 1
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

function startLoad(port: number): Promise<void>[] {
  const many = (count: number, kind: keyof typeof ended, once: () => Promise<void>): Promise<void>[] =>
    Array.from({ length: count }, () => loop(kind, once))
  return [
    ...many(dialers, 'on a connection of its own', () => ask(port, 'short', false)),
    ...many(keepers, 'on a connection kept alive', () => ask(port, 'short', kept)),
    ...many(lasting, 'lasting', () => ask(port, 'long', kept)),
  ]
}

function startReplica(): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((incoming, response) => {
    if (incoming.url?.startsWith('/short') === true) return response.end('ok')
    response.write('begun')
    const timer = setTimeout(() => response.end(), longMs)
    return response.on('close', () => clearTimeout(timer))
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo // a TCP server has an AddressInfo
      resolve({ port, close: () => void server.close() })
    })
  })
}

function countBy(items: readonly Broken[]): string {
  const groups = Object.groupBy(items, ({ code }) => code)
  const counts = Object.entries(groups).map(([code, all]) => `${all?.length ?? 0} ${code}`)
  return counts.length === 0 ? 'none' : counts.join(', ')
}

const replica = await startReplica()
const port = await freePort()
gateway.writeTable([
  {
    serviceUid: 'svc_1',
    serviceName: 'killed',
    host: '127.0.0.1',
    port,
    policy: 'least_load',
    streamTimeoutSeconds: 30,
    replicas: [
      {
        replicaUid: 'rep_1',
        replicaId: 1,
        version: 1,
        host: '127.0.0.1',
        port: replica.port,
        isDraining: false,
      },
    ],
  },
])
gateway.start(2, gatewayFlags)
await gateway.untilServing(2, [port])
const load = startLoad(port)
let leaders = 0
for (let kill = 0; kill < kills; kill += 1) {
  await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 300))
  const serving = await gateway.untilServing(2, [port])
  const victim = serving[Math.floor(Math.random() * serving.length)]
  if (victim === undefined) continue
  if (await gateway.isLeader(victim)) leaders += 1
  process.kill(victim.pid, 'SIGKILL')
}
await gateway.untilServing(2, [port])
over.abort()
await Promise.all(load)
const reports = await gateway.unfinished()
const listed = new Set(reports.flatMap(({ requests }) => requests.map(({ path }) => path)))
const lasted = broken.filter(({ ageMs }) => ageMs >= listedAfterMs)
const young = broken.filter(({ ageMs }) => ageMs < listedAfterMs)
const missing = lasted.filter(({ path }) => !listed.has(path))
const counts = Object.entries(ended).map(([kind, count]) => `${count} ${kind}`)
console.log(`${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`)
console.log(`${kills} kills, ${leaders} of them of the leading process; requests: ${counts.join(', ')}`)
console.log(`connections refused: ${broken.filter(({ code }) => code === 'ECONNREFUSED').length}`)
console.log(
  `broken that had lasted ${listedAfterMs} ms: ${lasted.length} (${countBy(lasted)}); listed: ${lasted.length - missing.length}`,
)
for (const { path, code, ageMs } of missing)
  console.log(`  NOT LISTED ${path} ${code} after ${ageMs.toFixed(0)} ms`)
console.log(`broken that were younger, which nothing lists: ${young.length} (${countBy(young)})`)
kept.destroy()
replica.close()
await gateway.remove()
