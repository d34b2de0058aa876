import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@skykeep/core/clock'
import type { ReplicaRoute, RouteTable, ServiceRoute } from '@skykeep/core/routes'
import { createLog } from '@skykeep/telemetry/log'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { Gateway } from '../src/gateway.ts'
import { routeFileText } from '../src/route-file.ts'

const errorLog = createLog({ base: {}, level: 'error' })

/** Waits until `check` gives something other than undefined or false. */
export async function until<T>(
  what: string,
  check: () => T | undefined | false,
  deadlineMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const found = check()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo // a TCP server has an AddressInfo
  return address.port
}

export interface Upstream {
  readonly port: number
  readonly server: Server
  readonly sockets: Set<Socket>
  /** Closes everything at once, like the death of the process. */
  kill(): Promise<void>
}

function track(server: Server, port: number): Upstream {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  const kill = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { port, server, sockets, kill }
}

/** A real HTTP server of Node's. */
export async function httpUpstream(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Upstream> {
  const server = createHttpServer(handle)
  return track(server, await listen(server))
}

/** A server that sees bytes. */
export async function rawUpstream(
  onConnection: (socket: Socket) => void,
  allowHalfOpen = false,
): Promise<Upstream> {
  const server = createServer({ allowHalfOpen }, onConnection)
  return track(server, await listen(server))
}

export interface TestGateway {
  readonly gateway: Gateway
  readonly port: number
  readonly folder: GatewayFolder
  /** Services of which it said that their first request waits. */
  readonly woken: readonly string[]
  /** Puts these upstreams in force, as replicas r0, r1, … */
  route(upstreams: readonly Routed[], change?: RouteChange): Promise<void>
  close(): Promise<void>
}

export interface Routed {
  readonly port: number
  readonly uid?: string
  readonly isDraining?: boolean
  readonly version?: number
  readonly targetQps?: number
}

export interface RouteChange {
  /** Another clock than the machine's. */
  readonly clock?: Clock
  /** What else the route says, or says otherwise. */
  readonly service?: Partial<ServiceRoute>
}

export interface TableSpec extends RouteChange {
  readonly version: number
  readonly port: number
  readonly upstreams: readonly Routed[]
}

export function tableOf(spec: TableSpec): RouteTable {
  const replicas = spec.upstreams.map((upstream, index): ReplicaRoute => {
    const { port, uid = `r${index}`, isDraining = false, version = 1, targetQps } = upstream
    const route = { replicaUid: uid, replicaId: index, version, host: '127.0.0.1', port, isDraining }
    return targetQps === undefined ? route : { ...route, targetQps }
  })
  const policies = { policy: 'least_load', streamTimeoutSeconds: 120 } as const
  const service = { serviceUid: 'svc_1', serviceName: 'hello', host: '127.0.0.1', port: spec.port }
  return {
    format: 1,
    version: spec.version,
    installationId: 'ins_1',
    services: [{ ...service, ...policies, replicas, ...spec.service }],
  }
}

/** A folder with a key and a place for the snapshot. */
export class GatewayFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'skykeep-gw-'))
  readonly key = randomBytes(32)
  readonly routeFile = { table: join(this.path, 'routes.json'), key: join(this.path, 'gateway.key') }

  constructor() {
    writeFileSync(this.routeFile.key, this.key.toString('hex'))
  }

  write(table: RouteTable): void {
    writeFileSync(`${this.routeFile.table}.next`, routeFileText(table, this.key))
    renameSync(`${this.routeFile.table}.next`, this.routeFile.table)
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** A gateway in this process, on a real port, with the given replicas. */
export async function startGateway(
  upstreams: readonly Routed[],
  change: RouteChange = {},
): Promise<TestGateway> {
  const folder = new GatewayFolder()
  const port = await freePort()
  let version = 1
  const woken: string[] = []
  folder.write(tableOf({ version, port, upstreams, ...change }))
  const gateway = new Gateway({
    slot: 0,
    epoch: randomUUID(),
    identity: { bootId: 'b', pid: process.pid, startTime: 1 },
    clock: change.clock ?? systemClock,
    log: errorLog,
    places: {
      root: folder.path,
      routeFile: folder.routeFile,
      journalPath: join(folder.path, 'journal.jsonl'),
      accessLogPath: join(folder.path, 'access.jsonl'),
    },
    canBind: true,
    onParked: (serviceUid) => woken.push(serviceUid),
  })
  await gateway.start()
  return {
    gateway,
    port,
    folder,
    woken,
    async route(next, changed = {}) {
      version += 1
      folder.write(tableOf({ version, port, upstreams: next, ...change, ...changed }))
      await gateway.reload()
    },
    async close() {
      await gateway.stop(0)
      folder.remove()
    },
  }
}

/** A raw connection that collects what it receives. */
export class RawClient {
  readonly socket: Socket
  received = Buffer.alloc(0)
  isEnded = false
  isClosed = false

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    this.socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk])
    })
    this.socket.on('end', () => {
      this.isEnded = true
    })
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.isClosed = true
    })
  }

  send(text: string): void {
    this.socket.write(text, 'latin1')
  }

  get text(): string {
    return this.received.toString('latin1')
  }

  async untilText(part: string): Promise<string> {
    await until(`${JSON.stringify(part)} in ${JSON.stringify(this.text)}`, () => this.text.includes(part))
    return this.text
  }

  async untilEnd(): Promise<string> {
    await until('the end of the connection', () => this.isEnded || this.isClosed)
    this.socket.destroy()
    return this.text
  }
}
