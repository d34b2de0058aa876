import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { BlockedPort } from '@skykeep/core/routes'
import { Admission } from './admission.ts'
import { ClientConnection } from './client-connection.ts'
import { clientAddressOf, keepAliveMs } from './entrance.ts'
import type { ClientSocket, Entrance, Via } from './entrance.ts'
import { pushedDirectly } from './flowing-push.ts'
import { Http2Connection } from './http2/http2-connection.ts'
import type { StreamSocket } from './http2/stream-socket.ts'
import type { Plane } from './plane.ts'
import type { ServiceState } from './service-state.ts'
import { TlsContexts } from './tls-contexts.ts'
import { TlsDoor } from './tls-door.ts'

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
  /** Of every address that was ever served: connections that are kept while their service is away find it there when it is back. */
  private readonly entrances = new Map<string, Entrance>()
  private readonly connections = new Set<ClientConnection>()
  private readonly http2 = new Set<Http2Connection>()
  private readonly contexts: TlsContexts
  private readonly door = new TlsDoor()
  /** A port is served from now on; the leader hands its socket on. */
  onBound: (port: number, host: string, server: Server) => void = () => undefined
  /** False in a sibling, which is given its sockets. */
  canBind: boolean

  /** @param root the persistent path, in which certificates lie. */
  constructor(plane: Plane, canBind: boolean, root: () => string) {
    this.plane = plane
    this.contexts = new TlsContexts(root, (acceptor) => this.door.follow(acceptor))
    this.canBind = canBind
  }

  /** Brings the sockets in line with the table in force; resolves when each new port is bound or known to be blocked. */
  async follow(services: readonly ServiceState[]): Promise<void> {
    this.contexts.follow(services)
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
    const { host } = service.route
    const address = `${host} ${port}`
    const entrance = this.entrances.get(address) ?? { service, host, port }
    entrance.service = service
    this.entrances.set(address, entrance)
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
    if (listener.isBinding || this.tlsFault(listener) !== '') return Promise.resolve()
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
        resolve()
        if (this.canBind) {
          this.adopt(listener, server)
          this.onBound(port, host, server)
          return
        }
        // The lead was given away meanwhile, and the port with it.
        listener.isBinding = false
        server.close()
      })
    })
  }

  /** Why the port's certificate keeps it from being served; '' when it does not. */
  private tlsFault({ entrance: { service } }: Listener): string {
    return service === null ? '' : this.contexts.blockedReason(service)
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
    const isUnwanted = listener === undefined || listener.server !== null || this.plane.isStopping
    // One that has no certificate leaves the port to those that have it.
    if (isUnwanted || this.tlsFault(listener) !== '') {
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
    for (const listener of this.byPort.values()) {
      const isBlocked = listener.blockedReason !== '' || this.tlsFault(listener) !== ''
      if (listener.server === null && !isBlocked) return false
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
    const { service } = listener.entrance
    if (service?.route.tls === undefined) {
      return this.serve(listener, pushedDirectly(socket), { tcp: socket, isTls: false })
    }
    const acceptor = this.contexts.acceptorOf(service.uid)
    if (acceptor === null) return void socket.destroy()
    this.door.open(socket, acceptor, (secure) => {
      if (secure.alpnProtocol === 'h2') this.serveHttp2(listener, secure)
      else this.serve(listener, pushedDirectly(secure), { tcp: socket, isTls: true })
    })
  }

  private serveHttp2(listener: Listener, secure: TLSSocket): void {
    const { plane } = this
    const idleMs = plane.isStopping ? plane.stoppingIdleMs : keepAliveMs
    const admission = new Admission(clientAddressOf(secure), plane)
    const onStream = (stream: StreamSocket): void =>
      this.serve(listener, stream, { tcp: stream, isTls: true, admission })
    const onClosed = (closed: Http2Connection): void => void this.http2.delete(closed)
    const onMalformed = (): void => plane.noteRefusal(listener.entrance.service, 400)
    this.http2.add(new Http2Connection(secure, { idleMs, onStream, onMalformed, onClosed }))
  }

  private serve({ entrance }: Listener, socket: ClientSocket, via: Via): void {
    const onClosed = (closed: ClientConnection): void => void this.connections.delete(closed)
    this.connections.add(new ClientConnection(this.plane, socket, { entrance, via, onClosed }))
  }

  get boundPorts(): number[] {
    return this.sockets().map(({ port }) => port)
  }

  get blockedPorts(): BlockedPort[] {
    const blocked: BlockedPort[] = []
    for (const listener of this.byPort.values()) {
      const reason = listener.blockedReason || this.tlsFault(listener)
      if (reason !== '') blocked.push({ port: listener.entrance.port, reason })
    }
    return blocked
  }

  /** Ports whose certificate this process cannot use. */
  get tlsBlockedPorts(): BlockedPort[] {
    const blocked: BlockedPort[] = []
    for (const listener of this.byPort.values()) {
      const reason = this.tlsFault(listener)
      if (reason !== '') blocked.push({ port: listener.entrance.port, reason })
    }
    return blocked
  }

  /** Services that go on with the certificate before, with the reason. */
  get tlsFaults(): string[] {
    const faults: string[] = []
    for (const { entrance } of this.byPort.values()) {
      const reason = entrance.service === null ? '' : this.contexts.staleReason(entrance.service.uid)
      if (reason !== '') faults.push(`port ${entrance.port} goes on with the certificate before: ${reason}`)
    }
    return faults
  }

  /** Called every second: tries again the certificates that could not be used. */
  retryTls(services: readonly ServiceState[]): void {
    this.contexts.follow(services)
  }

  /** Called every second: time-outs of all connections. */
  checkTimes(now: number): void {
    for (const connection of this.connections) connection.checkTimes(now)
  }

  /** Takes no new connection, ends the idle ones, unless they are given a while for a request that is on its way. */
  stop(): void {
    for (const listener of this.byPort.values()) {
      listener.server?.close()
      listener.server = null
    }
    const { stoppingIdleMs } = this.plane
    if (stoppingIdleMs === 0) for (const connection of this.connections) connection.endIfIdle()
    for (const connection of this.http2) connection.close(stoppingIdleMs)
    this.door.close(stoppingIdleMs)
  }

  get connectionCount(): number {
    return this.connections.size + this.http2.size + this.door.count
  }

  destroyConnections(): void {
    for (const connection of this.connections) connection.destroy()
    for (const connection of this.http2) connection.destroy()
    this.door.destroy()
  }
}
