import { SkykeepError } from '@skykeep/core/errors'
import type { GatewayDrain } from '@skykeep/core/gateway-drain'
import type { GatewayStatus, UnfinishedRequest } from '@skykeep/core/routes'
import type { Gateway } from './gateway.ts'
import type { Log } from '@skykeep/telemetry/log'
import { JournalReports } from './journal-reports.ts'
import { LeaderLink } from './leader-link.ts'
import type { ParentChannel } from './leader-link.ts'
import type { LeaderLock } from './leader-lock.ts'
import type { ProcessHost } from './process-host.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { heartbeatMs } from './process-messages.ts'
import { Siblings } from './siblings.ts'
import { endStuck, Strangers } from './strangers.ts'
import { type Program, Successor } from './successor.ts'

/** Heartbeats for which another must lead before a process that serves nothing ends: 3 s. */
const orphanTicks = 6
/** Tries for the lead between two looks at those that may have it: 5 s. */
const looksTicks = 10
const portsWaitMs = 1000
const followWaitMs = 10_000

export interface GatewayProcessOptions {
  readonly gateway: Gateway
  readonly slot: number
  readonly self: ProcessIdentity
  readonly processCount: number
  readonly lock: LeaderLock
  readonly host: ProcessHost
  readonly log: Log
}

export interface GatewayHealth {
  readonly status: 'ok' | 'degraded'
  readonly faults: readonly string[]
  readonly slot: number
  readonly pid: number
  readonly epoch: string
  readonly isLeader: boolean
  readonly appliedVersion: number
  /** Null: it takes connections. */
  readonly drain: GatewayDrain | null
}

/** One gateway process among its siblings: leads or follows, takes over, and answers for itself (invariant 7). */
export class GatewayProcess {
  private readonly options: GatewayProcessOptions
  private readonly reports: JournalReports
  private siblings: Siblings | null = null
  private link: LeaderLink | null = null
  private heart: NodeJS.Timeout | null = null
  private isElecting = false
  private readonly strangers: Strangers
  private successor: Successor | null = null
  private moving: Promise<void> = Promise.resolve()
  private isStopping = false
  /** On the monotonic clock: when it breaks off what has not ended. */
  private stopsAtMs = 0

  constructor(options: GatewayProcessOptions) {
    this.options = options
    const { host, log } = options
    this.strangers = new Strangers({ host, log, ours: () => this.siblings?.processes ?? [] })
    this.reports = new JournalReports(
      () => host.journalsFolder(),
      (identity) => host.isAlive(identity),
    )
  }

  /** Starts as the leader, whose lock is held already. */
  async lead(): Promise<void> {
    this.beat()
    const siblings = this.becomeLeader()
    await this.options.gateway.start()
    siblings.fill()
    this.onSiblingsChanged()
  }

  /** Starts as a sibling of the process at the other end of `parent`. */
  async follow(parent: ParentChannel, leader: ProcessIdentity | null): Promise<void> {
    this.beat()
    await this.options.gateway.start()
    this.link = new LeaderLink({
      gateway: this.options.gateway,
      parent,
      leader,
      onLost: () => void this.elect(),
      onRoot: (root) =>
        this.move(root).catch((error: unknown) =>
          this.options.log.warn({ root, reason: String(error) }, 'cannot follow to the new path'),
        ),
      onStuck: (leader) => {
        this.options.log.warn({ pid: leader.pid }, 'the leader does not answer: SIGKILL')
        this.options.host.kill(leader)
      },
      onStop: (graceMs, idleMs) => void this.stop(graceMs, idleMs),
    })
    if (!parent.connected) void this.elect()
  }

  private beat(): void {
    this.heart = setInterval(() => {
      if (this.siblings === null) this.link?.tick()
      else this.siblings.tick()
      if (this.isLeader) this.strangers.tick(this.siblings?.isComplete === true)
      if (!this.isStopping) this.successor?.tick()
    }, heartbeatMs)
  }

  private becomeLeader(): Siblings {
    const { gateway, slot, self, processCount, log, host } = this.options
    this.link = null
    gateway.listeners.canBind = true
    gateway.leaderBlockedPorts = []
    const siblings = new Siblings({
      gateway,
      self,
      slot,
      processCount,
      log,
      takenSlots: () => new Set(host.livingPeers().map((peer) => peer.slot)),
      forkSibling: (free) => host.forkSibling(free),
      onRebaseAsked: (root) => void this.rebase(root).catch(() => undefined),
      onChange: () => this.onSiblingsChanged(),
    })
    this.siblings = siblings
    log.info({ slot }, 'this process leads')
    return siblings
  }

  private onSiblingsChanged(): void {
    const { gateway } = this.options
    if (this.siblings === null || this.successor?.hasTheLead === true) return
    gateway.siblings = this.siblings.processes
    if (this.siblings.isComplete && !this.isStopping) this.strangers.retire()
  }

  /**
   * The leader is gone: the lowest living slot tries first. Whoever gets the lock leads; the others go on serving and try
   * again until the new leader retires them, and end one that has the lock and stands still. One that lacks ports lets those lead that have them, for it
   * could not bind them; one that was given no socket ends by itself: it may not have been on record when the new leader chose slots, and would hold the
   * control socket of another.
   */
  private async elect(): Promise<void> {
    if (this.isElecting) return
    this.isElecting = true
    this.link = null
    this.options.gateway.plane.counts.noteLoss()
    const { host, slot, lock, gateway, log } = this.options
    let busyTicks = 0
    while (!this.isStopping && this.siblings === null) {
      const rank = host.livingPeers().filter((peer) => peer.slot < slot).length
      await delay(rank * 100)
      if (this.isStopping) break
      let result = lock.tryAcquire()
      if (result !== 'busy' && (await this.isLeadForOthers(result))) {
        lock.release()
        result = 'busy'
      }
      if (this.isStopping) break
      // Without a usable lock file (a full or read-only disk) the lowest living slot leads.
      if (result === 'held' || (result === 'broken' && rank === 0)) {
        const siblings = this.becomeLeader()
        siblings.fill()
        this.onSiblingsChanged()
        await gateway.reload()
        await gateway.listeners.retryBlocked()
        break
      }
      busyTicks = result === 'busy' ? busyTicks + 1 : 0
      if (busyTicks > 0 && busyTicks % looksTicks === 0) {
        const others = host.livingPeers().filter((peer) => peer.slot !== slot)
        endStuck(others, this.options)
      }
      if (busyTicks >= orphanTicks && gateway.listeners.sockets().length === 0) {
        log.warn({ slot }, 'its leader died before it was given a socket, and another leads: this one ends')
        void this.stop(0)
        break
      }
      await delay(heartbeatMs)
    }
    this.isElecting = false
  }

  /** Without a lock that is given back to them (`broken`) only one that has nothing to lead with waits for others. */
  private async isLeadForOthers(lock: 'held' | 'broken'): Promise<boolean> {
    const { gateway, host } = this.options
    const own = gateway.listeners.boundPorts.length
    const counts = await Promise.all(host.livingPeers().map((peer) => host.portCountOf(peer)))
    const most = Math.max(0, ...counts)
    return lock === 'held' ? most > own : own === 0 && most > 0
  }

  get isLeader(): boolean {
    return this.siblings !== null && this.successor?.hasTheLead !== true && !this.isStopping
  }

  /**
   * Has a process of another build lead, without a gap: it is given the sockets, then the lead; it forks its own siblings, and retires
   * these. Goes on here if it dies before that. Returns at once. @throws SkykeepError CONFLICT when this process does not lead, or hands over already.
   */
  handOver(program: Program): void {
    const { gateway, host, lock, log } = this.options
    const { siblings } = this
    if (siblings === null || this.successor !== null || this.isStopping) {
      throw new SkykeepError('CONFLICT', 'this process does not lead, or hands over already')
    }
    this.successor = new Successor({
      siblings,
      gateway,
      lock,
      log,
      fork: (slot) => host.forkSuccessor(slot, program),
      endIfStuck: (pid) => {
        const itself = host.livingPeers().filter(({ identity }) => identity.pid === pid)
        endStuck(itself, this.options)
      },
      onFailed: () => {
        this.successor = null
        this.onSiblingsChanged()
      },
    })
  }

  health(): GatewayHealth {
    const { gateway, slot, self } = this.options
    const faults = gateway.faults()
    const { epoch, appliedVersion } = gateway.status()
    const status = faults.length === 0 ? 'ok' : 'degraded'
    return {
      status,
      faults,
      slot,
      pid: self.pid,
      epoch,
      isLeader: this.isLeader,
      appliedVersion,
      drain: this.drain(),
    }
  }

  private drain(): GatewayDrain | null {
    if (!this.isStopping) return null
    const { plane, listeners } = this.options.gateway
    const endsInMs = Math.max(0, Math.ceil(this.stopsAtMs - plane.clock.monotonicMs()))
    return { endsInMs, connections: listeners.connectionCount }
  }

  status(): GatewayStatus {
    const { gateway } = this.options
    const { closedSecond, kept } = gateway.plane.counts
    const unacked = { counts: kept, closedSecond, reports: this.unfinished().reports.length }
    return { ...gateway.status(), unacked }
  }

  /** Applies the newest snapshot here, then has the others do so; waits a moment for the sockets of new ports. */
  async reload(): Promise<GatewayStatus> {
    const { gateway } = this.options
    await gateway.reload()
    this.siblings?.reload()
    this.link?.askReload()
    for (let waited = 0; waited < portsWaitMs && !gateway.listeners.isSettled; waited += 20) await delay(20)
    return gateway.status()
  }

  /**
   * Has all gateway processes of this path serve from another one, without closing a socket; resolves once they do. May be
   * repeated, and asked of any of them. Killed in between, each process is whole at one of the two paths.
   * @throws SkykeepError CONFLICT when other gateways serve there, NOT_FOUND when there is no such folder, UNAVAILABLE when one
   * has not followed in time.
   */
  async rebase(root: string): Promise<GatewayStatus> {
    const { gateway, host, log } = this.options
    if (this.link !== null) {
      this.link.askRebase(root)
      await waitFor(() => gateway.root === root, 'this process has not followed')
      return this.status()
    }
    const strangers = this.isLeader ? this.strangers.list() : []
    await this.move(root)
    this.siblings?.announceRoot()
    for (const peer of strangers) {
      await host.movePeer(peer, root).catch((error: unknown) => {
        log.warn(
          { slot: peer.slot, reason: String(error) },
          'a process of the leader before has not followed',
        )
      })
    }
    await waitFor(() => this.siblings?.haveFollowed !== false, 'a sibling has not followed')
    return this.status()
  }

  /** One move at a time. */
  private move(root: string): Promise<void> {
    const done = this.moveAfter(this.moving, root)
    this.moving = done.catch(() => undefined)
    return done
  }

  private async moveAfter(before: Promise<void>, root: string): Promise<void> {
    const { gateway, host, log } = this.options
    await before
    if (gateway.root === root) return
    await host.move(root)
    log.info({ root }, 'serves from another path')
  }

  /** What dead processes left (told by the leader), and what replicas lost here. */
  unfinished(): { reports: { epoch: string; requests: readonly UnfinishedRequest[] }[] } {
    const dead = this.isLeader ? this.reports.list() : []
    return { reports: [...dead, ...this.options.gateway.plane.lost.reports()] }
  }

  ackUnfinished(epoch: string): boolean {
    return this.options.gateway.plane.lost.ack(epoch) || this.reports.ack(epoch)
  }

  /** Stops in good order, the siblings too when this process leads, and exits with code 0. */
  async stop(graceMs: number, idleMs = 0): Promise<void> {
    if (this.isStopping) return
    this.isStopping = true
    this.stopsAtMs = this.options.gateway.plane.clock.monotonicMs() + graceMs
    this.options.log.info({ graceMs }, 'stopping')
    this.siblings?.stop(graceMs, idleMs)
    // Whoever is started meanwhile may lead at once, beside what is left here.
    this.options.lock.release()
    await this.options.gateway.stop(graceMs, idleMs)
    if (this.heart !== null) clearInterval(this.heart)
    this.options.host.exit(0)
  }
}

async function waitFor(isDone: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !isDone(); waited += 20) {
    if (waited >= followWaitMs)
      throw new SkykeepError('UNAVAILABLE', `${what} in ${followWaitMs} ms`, { hint: 'Try it again.' })
    await delay(20)
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
