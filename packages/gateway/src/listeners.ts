import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { BlockedPort } from '@skykeep/core/routes'
import { ClientConnection } from './client-connection.ts'
import type { Entrance } from './client-connection.ts'
import type { Plane } from './plane.ts'
import type { ServiceState } from './service-state.ts'

/** Ms of silence after which TCP asks whether a client is still there. */
const keepAliveInitialDelay = 60_000

interface Listener {
  readonly entrance: Entrance
  server: Server | null
  isBinding: boolean
  blockedReason: string
}

/** The listening sockets of one process, and the connections that came through them. */
export class Listeners {
  private readonly plane: Plane
  private readonly byPort = new Map<number, Listener>()
  private readonly connections = new Set<ClientConnection>()
  /** A port is served from now on; the leader hands its socket on. */
  onBound: (port: number, host: string, server: Server) => void = () => undefined
  /** False in a sibling, which is given its sockets. */
  canBind: boolean

  constructor(plane: Plane, canBind: boolean) {
    this.plane = plane
    this.canBind = canBind
  }

  /** Brings the sockets in line with the table in force; resolves when each new port is bound or known to be blocked. */
  async follow(services: Iterable<ServiceState>): Promise<void> {
    const wanted = new Map<number, ServiceState>()
    for (const service of services) wanted.set(service.route.port, service)
    for (const [port, listener] of this.byPort) {
      const service = wanted.get(port)
      listener.entrance.service = service ?? null
      if (service?.route.host !== listener.entrance.host) this.closeListener(port, listener)
    }
    const binding: Promise<void>[] = []
    for (const [port, service] of wanted) {
      const listener = this.byPort.get(port) ?? this.addListener(port, service)
      if (this.canBind && listener.server === null) binding.push(this.bind(listener))
    }
    await Promise.all(binding)
  }

  private addListener(port: number, service: ServiceState): Listener {
    const entrance = { service, host: service.route.host, port }
    const listener = { entrance, server: null, isBinding: false, blockedReason: '' }
    this.byPort.set(port, listener)
    return listener
  }

  private closeListener(port: number, listener: Listener): void {
    this.byPort.delete(port)
    listener.entrance.service = null
    listener.server?.close()
    listener.server = null
  }

  /** Called every second: tries the blocked ports again (invariant 16). */
  async retryBlocked(): Promise<void> {
    if (!this.canBind) return
    const blocked = [...this.byPort.values()].filter((listener) => listener.server === null)
    await Promise.all(blocked.map((listener) => this.bind(listener)))
  }

  private bind(listener: Listener): Promise<void> {
    if (listener.isBinding) return Promise.resolve()
    listener.isBinding = true
    const { host, port } = listener.entrance
    return new Promise((resolve) => {
      const server = this.makeServer(listener)
      server.once('error', (error: NodeJS.ErrnoException) => {
        listener.isBinding = false
        const reason = error.code ?? error.message
        if (listener.blockedReason !== reason) this.plane.log.warn({ port, reason }, 'port is blocked')
        listener.blockedReason = reason
        resolve()
      })
      server.listen({ host, port }, () => {
        this.adopt(listener, server)
        this.onBound(port, host, server)
        resolve()
      })
    })
  }

  private makeServer(listener: Listener): Server {
    const server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay,
    })
    server.on('connection', (socket: Socket) => this.accept(listener, socket))
    return server
  }

  private adopt(listener: Listener, server: Server): void {
    listener.isBinding = false
    listener.blockedReason = ''
    server.removeAllListeners('error')
    server.on('error', (error) => this.plane.log.error({ error: error.message }, 'listening socket'))
    const isWanted = this.byPort.get(listener.entrance.port) === listener
    if (isWanted && listener.server === null && !this.plane.isStopping) listener.server = server
    else server.close()
  }

  /** Serves a socket that another process bound; `given` must not be used afterwards. */
  receive(port: number, given: Server): void {
    const listener = this.byPort.get(port)
    if (listener === undefined || listener.server !== null || this.plane.isStopping) {
      given.close()
      return
    }
    const server = this.makeServer(listener)
    server.listen(given, () => this.adopt(listener, server))
  }

  /** True when the table in force names the port. */
  isKnown(port: number): boolean {
    return this.byPort.has(port)
  }

  /** True when each port of the table is served here, or known to be blocked. */
  get isSettled(): boolean {
    for (const { server, blockedReason } of this.byPort.values()) {
      if (server === null && blockedReason === '') return false
    }
    return true
  }

  /** Each served port with its socket, to be handed on. */
  sockets(): { port: number; host: string; server: Server }[] {
    const found: { port: number; host: string; server: Server }[] = []
    for (const { entrance, server } of this.byPort.values()) {
      if (server !== null) found.push({ port: entrance.port, host: entrance.host, server })
    }
    return found
  }

  private accept(listener: Listener, socket: Socket): void {
    const connection = new ClientConnection(this.plane, socket, {
      entrance: listener.entrance,
      onClosed: (closed) => this.connections.delete(closed),
    })
    this.connections.add(connection)
  }

  get boundPorts(): number[] {
    return this.sockets().map(({ port }) => port)
  }

  get blockedPorts(): BlockedPort[] {
    const blocked: BlockedPort[] = []
    for (const { entrance, blockedReason } of this.byPort.values()) {
      if (blockedReason !== '') blocked.push({ port: entrance.port, reason: blockedReason })
    }
    return blocked
  }

  /** Called every second: time-outs of all connections. */
  checkTimes(now: number): void {
    for (const connection of this.connections) connection.checkTimes(now)
  }

  /** Takes no new connection, ends the idle ones. */
  stop(): void {
    for (const listener of this.byPort.values()) {
      listener.server?.close()
      listener.server = null
    }
    for (const connection of this.connections) connection.endIfIdle()
  }

  get connectionCount(): number {
    return this.connections.size
  }

  destroyConnections(): void {
    for (const connection of this.connections) connection.destroy()
  }
}
