import type { ChildProcess } from 'node:child_process'
import type { Server } from 'node:net'
import type { GatewayStatus } from '@skykeep/core/routes'
import type { Gateway } from './gateway.ts'
import type { Log } from '@skykeep/telemetry/log'
import type { ProcessIdentity } from './process-identity.ts'
import { missedHeartbeats, parseSiblingMessage } from './process-messages.ts'
import type { LeaderMessage } from './process-messages.ts'

const longestBackoffTicks = 20
/** Heartbeats that a new process has to start in, on a loaded machine too: 20 s. */
const startingHeartbeats = 40

export interface SiblingsOptions {
  readonly gateway: Gateway
  readonly self: ProcessIdentity
  readonly slot: number
  /** How many processes serve together, this one included. */
  readonly processCount: number
  readonly log: Log
  /** Slots that living processes use, other than children of this one. */
  takenSlots(): ReadonlySet<number>
  forkSibling(slot: number): ChildProcess
  /** A sibling was asked to have all of them serve from another persistent path. */
  onRebaseAsked(root: string): void
  /** A sibling died, or a new one serves. */
  onChange(): void
}

interface Sibling {
  readonly slot: number
  readonly child: ChildProcess
  missed: number
  isReady: boolean
  /** It was told to end, and counts no more. */
  isEnding: boolean
  ticks: number
  missing: Set<number>
  /** Ports that it serves; null before it said so. */
  ports: readonly number[] | null
  /** Persistent path that it serves from; '' before it said so. */
  root: string
}

/** The leader's side: forks the others, hands each listening socket on, and replaces whoever dies or is stuck. */
export class Siblings {
  private readonly options: SiblingsOptions
  private readonly children = new Map<number, Sibling>()
  private isStopping = false
  private isFrozen = false
  private failures = 0
  private waitTicks = 0

  constructor(options: SiblingsOptions) {
    this.options = options
    options.gateway.listeners.onBound = (port, host, server) => {
      for (const sibling of this.children.values())
        if (sibling.isReady) sendSocket(sibling, { port, host, server })
    }
  }

  /** Called every 500 ms: heartbeats, and a fork where one is missing. */
  tick(): void {
    for (const sibling of this.children.values()) {
      sibling.ticks += 1
      if (sibling.ticks === 20) this.failures = 0
      if (sibling.missed >= missedHeartbeats) this.killStuck(sibling)
      sibling.missed += 1
      if (sibling.isReady) this.ping(sibling)
    }
    this.waitTicks -= 1
    if (this.waitTicks <= 0) this.fill()
  }

  private ping(sibling: Sibling): void {
    const { gateway, self } = this.options
    const { blockedPorts } = gateway.listeners
    send(sibling, { type: 'ping', leader: self, root: gateway.root, processes: this.processes, blockedPorts })
  }

  /** Has all siblings follow to the persistent path of this process; the heartbeat says it again to those that did not. */
  announceRoot(): void {
    for (const sibling of this.children.values()) if (sibling.isReady) this.ping(sibling)
  }

  /** True when every sibling serves from where this process does. */
  get haveFollowed(): boolean {
    const { root } = this.options.gateway
    return [...this.children.values()].every((sibling) => sibling.root === root)
  }

  /** The child has not been reaped, so its pid is still its own. */
  private killStuck(sibling: Sibling): void {
    this.options.log.warn(
      {
        slot: sibling.slot,
        pid: sibling.child.pid,
      },
      'a sibling does not answer: SIGKILL',
    )
    sibling.missed = 0
    sibling.child.kill('SIGKILL')
  }

  /** Forks until as many serve as should. */
  fill(): void {
    try {
      while (!this.isFrozen && !this.isStopping && this.staying.length + 1 < this.options.processCount) {
        const slot = this.freeSlot()
        this.add(slot, this.options.forkSibling(slot))
      }
    } catch (error) {
      // No memory for another process (ENOMEM): those that serve go on.
      this.options.log.warn({ reason: String(error) }, 'cannot fork a sibling')
      this.backOff()
    }
  }

  private backOff(): void {
    this.waitTicks = this.failures === 0 ? 0 : Math.min(longestBackoffTicks, 2 ** this.failures)
    this.failures += 1
  }

  /** The lowest number that no living process has. */
  freeSlot(): number {
    const taken = this.options.takenSlots()
    let slot = 0
    while (slot === this.options.slot || taken.has(slot) || this.children.has(slot)) slot += 1
    return slot
  }

  /** Takes a child in: it is given the sockets, and kept under watch. */
  add(slot: number, child: ChildProcess): void {
    const sibling: Sibling = {
      slot,
      child,
      missed: -startingHeartbeats,
      isReady: false,
      isEnding: false,
      ticks: 0,
      missing: new Set(),
      ports: null,
      root: '',
    }
    this.children.set(slot, sibling)
    child.on('message', (message: unknown) => this.onMessage(sibling, message))
    child.on('error', (error) => this.onGone(sibling, error.message))
    child.on('exit', (code, signal) => this.onGone(sibling, signal ?? `code ${code}`))
  }

  private onGone(sibling: Sibling, reason: string): void {
    if (this.children.get(sibling.slot) !== sibling) return
    this.children.delete(sibling.slot)
    this.options.onChange()
    if (this.isStopping) return
    this.options.gateway.plane.counts.noteLoss()
    this.options.log.warn({ slot: sibling.slot, pid: sibling.child.pid, reason }, 'a sibling is gone')
    this.backOff()
    if (this.waitTicks === 0) this.fill()
  }

  private onMessage(sibling: Sibling, message: unknown): void {
    sibling.missed = 0
    const told = parseSiblingMessage(message)
    switch (told?.type) {
      case 'ready':
        sibling.isReady = true
        for (const socket of this.options.gateway.listeners.sockets()) sendSocket(sibling, socket)
        this.options.onChange()
        // Before its first request it knows with how many it shares the limits.
        this.ping(sibling)
        return
      case 'reload':
        void this.options.gateway.reload().then(() => this.reload())
        return
      case 'pong':
        return this.onPong(sibling, told)
      case 'rebase':
        this.options.onRebaseAsked(told.root)
        return
      default:
    }
  }

  private onPong(sibling: Sibling, { root, ports }: { root: string; ports: readonly number[] }): void {
    const wasComplete = this.isComplete
    sibling.root = root
    sibling.ports = ports
    this.sendMissing(sibling, ports)
    if (this.isComplete && !wasComplete) this.options.onChange()
  }

  /** Sends each socket again that a sibling should serve and, two heartbeats in a row, does not. */
  private sendMissing(sibling: Sibling, ports: readonly number[]): void {
    const missing = this.options.gateway.listeners.sockets().filter(({ port }) => !ports.includes(port))
    for (const socket of missing) if (sibling.missing.has(socket.port)) sendSocket(sibling, socket)
    sibling.missing = new Set(missing.map(({ port }) => port))
  }

  /** Ports that this process serves and the child of this slot does not, as far as it said; null before it said anything. */
  missingOf(slot: number): readonly number[] | null {
    const ports = this.children.get(slot)?.ports ?? null
    return ports === null
      ? null
      : this.options.gateway.listeners.boundPorts.filter((port) => !ports.includes(port))
  }

  /** True when the child of this slot serves every port that this process serves. */
  isServing(slot: number): boolean {
    return this.missingOf(slot)?.length === 0
  }

  /** Has one child end after what it has. */
  end(slot: number, graceMs: number): void {
    const sibling = this.children.get(slot)
    if (sibling === undefined) return
    sibling.isEnding = true
    send(sibling, { type: 'stop', graceMs })
    this.options.onChange()
  }

  /** Lets a child go its own way, which it learns from the end of the channel. Until `thaw` no other is forked here. */
  release(slot: number): void {
    const child = this.children.get(slot)?.child
    this.isFrozen = true
    this.children.delete(slot)
    child?.disconnect()
  }

  /** Forks again where one is missing. */
  thaw(): void {
    this.isFrozen = false
  }

  private get staying(): readonly Sibling[] {
    return [...this.children.values()].filter(({ isEnding }) => !isEnding)
  }

  /** True when as many serve as should. One that still lacks a port when its time to start is over (a certificate that it cannot use) counts too. */
  get isComplete(): boolean {
    const up = this.staying.filter(
      ({ slot, isReady, ticks }) => isReady && (this.isServing(slot) || ticks > startingHeartbeats),
    )
    return up.length + 1 >= this.options.processCount
  }

  /** This process and its siblings. */
  get processes(): GatewayStatus['siblings'] {
    const others = this.staying.map(({ slot, child }) => ({ slot, pid: child.pid ?? 0 }))
    return [{ slot: this.options.slot, pid: this.options.self.pid }, ...others]
  }

  /** Has all siblings read the snapshot again. */
  reload(): void {
    for (const sibling of this.children.values()) if (sibling.isReady) send(sibling, { type: 'reload' })
  }

  stop(graceMs: number, idleMs: number): void {
    this.isStopping = true
    for (const sibling of this.children.values()) send(sibling, { type: 'stop', graceMs, idleMs })
  }
}

function send(sibling: Sibling, message: LeaderMessage): void {
  // A channel that just broke is an exit that is about to be heard.
  if (sibling.child.connected) sibling.child.send(message, () => undefined)
}

function sendSocket(sibling: Sibling, socket: { port: number; host: string; server: Server }): void {
  if (!sibling.child.connected || !socket.server.listening) return
  const message: LeaderMessage = { type: 'listen', port: socket.port, host: socket.host }
  sibling.child.send(message, socket.server, {}, () => undefined)
}
