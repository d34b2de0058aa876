import { Server } from 'node:net'
import type { Gateway } from './gateway.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { missedHeartbeats, parseLeaderMessage } from './process-messages.ts'
import type { SiblingMessage } from './process-messages.ts'

/** The channel to the process that forked this one: `process`, in a sibling. */
export interface ParentChannel {
  readonly connected: boolean
  send?(message: SiblingMessage, handle: undefined, options: object, done: () => void): boolean
  on(event: 'message', listener: (message: unknown, handle: unknown) => void): unknown
  on(event: 'disconnect', listener: () => void): unknown
}

export interface LeaderLinkOptions {
  readonly gateway: Gateway
  readonly parent: ParentChannel
  /** The process that forked this one. */
  readonly leader: ProcessIdentity | null
  /** The leader is gone, whatever ended it. */
  onLost(): void
  /** The leader serves from that persistent path. */
  onRoot(root: string): Promise<void>
  /** The leader has not spoken for 3 s. */
  onStuck(leader: ProcessIdentity): void
  onStop(graceMs: number, idleMs: number): void
}

/** A sibling's side: takes the listening sockets, answers heartbeats, and notices when the leader dies or is stuck. */
export class LeaderLink {
  private readonly options: LeaderLinkOptions
  private leader: ProcessIdentity | null
  private missed = 0

  constructor(options: LeaderLinkOptions) {
    this.options = options
    this.leader = options.leader
    options.parent.on('message', (message, handle) => this.onMessage(message, handle))
    options.parent.on('disconnect', () => options.onLost())
    this.send({ type: 'ready' })
  }

  private onMessage(value: unknown, handle: unknown): void {
    const { gateway } = this.options
    const message = parseLeaderMessage(value)
    this.missed = 0
    switch (message?.type) {
      case 'ping':
        this.leader = message.leader
        gateway.siblings = message.processes
        gateway.leaderBlockedPorts = message.blockedPorts
        if (message.root !== gateway.root) void this.options.onRoot(message.root).then(() => this.pong())
        this.pong()
        return
      case 'listen':
        if (handle instanceof Server) void this.receive(message.port, handle)
        return
      case 'reload':
        void gateway.reload()
        return
      case 'stop':
        this.options.onStop(message.graceMs, message.idleMs ?? 0)
        return
      default:
    }
  }

  private pong(): void {
    const { gateway } = this.options
    this.send({ type: 'pong', ports: gateway.listeners.boundPorts, root: gateway.root })
  }

  /** The leader may have a table that this process has not read yet: without it the port is not known. */
  private async receive(port: number, server: Server): Promise<void> {
    const { gateway } = this.options
    if (!gateway.listeners.isKnown(port)) await gateway.reload()
    gateway.listeners.receive(port, server)
  }

  /** Called every 500 ms. */
  tick(): void {
    this.missed += 1
    if (this.missed >= missedHeartbeats && this.leader !== null) {
      this.missed = 0
      this.options.onStuck(this.leader)
    }
  }

  /** Asks the leader to read the snapshot too: only it can bind a new port. */
  askReload(): void {
    this.send({ type: 'reload' })
  }

  /** Asks the leader to have all of them serve from another persistent path. */
  askRebase(root: string): void {
    this.send({ type: 'rebase', root })
  }

  private send(message: SiblingMessage): void {
    const { parent } = this.options
    // A leader that goes meanwhile is heard by the end of the channel; unheard, the error would end this process too.
    if (parent.connected) parent.send?.(message, undefined, {}, () => undefined)
  }
}
