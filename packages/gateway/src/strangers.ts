import type { GatewayStatus } from '@skykeep/core/routes'
import type { Log } from '@skykeep/telemetry/log'
import type { Peer, ProcessHost } from './process-host.ts'

/** What is left to a process that a new leader has replaced: an hour for its streams. */
const graceMs = 3_600_000
/** A request that a client sends on a connection that it kept open is still answered by a process that is replaced. */
const idleMs = 5_000
/** Heartbeats between two looks at them: 5 s. */
const ticksBetween = 10

export interface StrangersOptions {
  readonly host: Pick<ProcessHost, 'livingPeers' | 'endIfStuck' | 'retire'>
  readonly log: Log
  /** The leader and its siblings. */
  ours(): GatewayStatus['siblings']
}

/** Living processes of a leader before, as the one that leads now deals with them: they are to end after what they have. */
export class Strangers {
  private readonly options: StrangersOptions
  /** Pid and start time of those that know that they are replaced. */
  private readonly retired = new Set<string>()
  private ticks = ticksBetween

  constructor(options: StrangersOptions) {
    this.options = options
  }

  /**
   * Living processes of this path that the leader does not lead. One that has the slot of one of its own is none: its control socket is theirs, and
   * what is asked there is asked of them.
   */
  list(): readonly Peer[] {
    const { host, ours } = this.options
    const pids = new Set(ours().map(({ pid }) => pid))
    const slots = new Set(ours().map(({ slot }) => slot))
    return host
      .livingPeers()
      .filter((peer) => peer.isOfThisPath && !pids.has(peer.identity.pid) && !slots.has(peer.slot))
  }

  /** Tells each that it is replaced: once, or again where it did not answer. */
  retire(): void {
    const { host, log } = this.options
    for (const peer of this.list()) {
      const { pid, startTime } = peer.identity
      const name = `${pid} ${startTime}`
      if (this.retired.has(name)) continue
      log.info({ slot: peer.slot, pid }, 'retiring a process of the leader before')
      host.retire(peer, graceMs, idleMs).then(
        () => this.retired.add(name),
        () => undefined,
      )
    }
  }

  /**
   * Called every 500 ms where this process leads. One that stands still would hold its clients for as long as it does, for nobody else looks at it
   * (invariant 6). @param isComplete as many serve as should, so that the strangers are needed no more.
   */
  tick(isComplete: boolean): void {
    this.ticks -= 1
    if (this.ticks > 0) return
    this.ticks = ticksBetween
    if (isComplete) this.retire()
    endStuck(this.list(), this.options)
  }
}

/** Ends those that have not answered for some seconds. Returns at once. */
export function endStuck(
  peers: readonly Peer[],
  { host, log }: Pick<StrangersOptions, 'host' | 'log'>,
): void {
  for (const peer of peers) {
    void host.endIfStuck(peer).then((hasEnded) => {
      if (hasEnded) log.warn({ slot: peer.slot, pid: peer.identity.pid }, 'it did not answer: SIGKILL')
      return hasEnded
    })
  }
}
