import type { ReplicaState } from './replica-state.ts'
import { UpstreamConnection } from './upstream-connection.ts'

const connectTimeoutMs = 2000
/** Below the keep-alive time of common servers (5 s in Node and uvicorn). */
const defaultIdleMs = 4000
/** Invariant 8: an older idle connection never carries a request that must not be repeated. */
const unrepeatableIdleMs = 2000
const maxIdleEach = 256

export interface UpstreamBytes {
  read: number
  written: number
}

function addBytes(sum: UpstreamBytes, { bytesRead, bytesWritten }: UpstreamConnection): void {
  sum.read += bytesRead
  sum.written += bytesWritten
}

/** Keep-alive connections by replica: the one used last is used first, so that spare ones grow old and go. */
export class UpstreamPool {
  /** Connections that were begun, and those that closed before they were open. */
  connects = 0
  connectFailures = 0
  /** All that are not closed, whoever uses them. */
  private readonly open = new Set<UpstreamConnection>()
  private readonly closed: UpstreamBytes = { read: 0, written: 0 }
  private readonly idle = new Map<ReplicaState, UpstreamConnection[]>()
  private readonly connecting = new Set<UpstreamConnection>()
  private readonly monotonicMs: () => number

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs
  }

  /**
   * A connection to the replica: an idle one that is young enough for the request, else a new one (not yet connected).
   * @param now monotonic ms.
   */
  acquire(replica: ReplicaState, isRepeatable: boolean, now: number): UpstreamConnection {
    const waiting = this.idle.get(replica)
    for (let last = waiting?.pop(); last !== undefined; last = waiting?.pop()) {
      if (last.isGone) {
        last.destroy()
        continue
      }
      const limit = isRepeatable ? last.idleLimitMs : Math.min(unrepeatableIdleMs, last.idleLimitMs)
      if (now - last.idleSince <= limit) return last
      if (now - last.idleSince <= last.idleLimitMs) {
        waiting?.push(last)
        break
      }
      last.destroy()
    }
    const connection = new UpstreamConnection(replica, {
      connectDeadline: now + connectTimeoutMs,
      idleLimitMs: defaultIdleMs,
      onConnected: (opened) => this.onConnected(opened),
      onClosed: (closed) => this.onClosed(closed),
    })
    this.open.add(connection)
    this.connecting.add(connection)
    this.connects += 1
    return connection
  }

  private onConnected({ replica, connectDeadline }: UpstreamConnection): void {
    replica.totals.connect.note(Math.max(0, this.monotonicMs() - connectDeadline + connectTimeoutMs))
  }

  private onClosed(connection: UpstreamConnection): void {
    const { totals } = connection.replica
    this.connecting.delete(connection)
    this.open.delete(connection)
    if (!connection.isConnected) {
      this.connectFailures += 1
      totals.connectFailures += 1
    }
    const { bytesRead, bytesWritten } = connection
    this.closed.read += bytesRead
    this.closed.written += bytesWritten
    totals.bytesRead += bytesRead
    totals.bytesWritten += bytesWritten
    const waiting = this.idle.get(connection.replica)
    const at = waiting?.indexOf(connection) ?? -1
    if (at >= 0) waiting?.splice(at, 1)
  }

  /** Bytes over all connections since this process began, those of replicas that are gone included. */
  bytes(): UpstreamBytes {
    const sum = { ...this.closed }
    for (const connection of this.open) addBytes(sum, connection)
    return sum
  }

  /** The same of each replica that has a connection now; of the others all is in their totals. */
  bytesOfReplicas(): ReadonlyMap<ReplicaState, UpstreamBytes> {
    const sums = new Map<ReplicaState, UpstreamBytes>()
    for (const connection of this.open) {
      const { replica } = connection
      const { bytesRead, bytesWritten } = replica.totals
      const sum = sums.get(replica) ?? { read: bytesRead, written: bytesWritten }
      sums.set(replica, sum)
      addBytes(sum, connection)
    }
    return sums
  }

  /** Keeps a connection whose exchange is complete. `keepAliveSeconds` is what the replica promised, -1 for nothing; `now` monotonic ms. */
  release(connection: UpstreamConnection, keepAliveSeconds: number, now: number): void {
    connection.user = null
    const { replica } = connection
    let waiting = this.idle.get(replica)
    const promised = keepAliveSeconds < 0 ? defaultIdleMs : (keepAliveSeconds - 1) * 1000
    if (connection.isGone || !replica.isRouted || promised <= 0 || (waiting?.length ?? 0) >= maxIdleEach) {
      connection.destroy()
      return
    }
    if (waiting === undefined) {
      waiting = []
      this.idle.set(replica, waiting)
    }
    connection.idleLimitMs = Math.min(defaultIdleMs, promised)
    connection.idleSince = now
    connection.served += 1
    connection.resume()
    waiting.push(connection)
  }

  /** Closes the idle connections of a replica that no table names any more. */
  drop(replica: ReplicaState): void {
    for (const connection of this.idle.get(replica) ?? []) connection.destroy()
    this.idle.delete(replica)
  }

  /** Called every 50 ms: ends attempts to connect that took 2 s, closes what was idle too long. */
  sweep(): void {
    const now = this.monotonicMs()
    for (const connection of this.connecting) {
      if (connection.isConnected) this.connecting.delete(connection)
      else if (now >= connection.connectDeadline) connection.timeOut()
    }
    for (const [replica, waiting] of this.idle) {
      let stale = 0
      for (const connection of waiting) {
        if (now - connection.idleSince <= connection.idleLimitMs) break
        stale += 1
      }
      if (stale > 0) for (const connection of waiting.splice(0, stale)) connection.destroy()
      if (waiting.length === 0) this.idle.delete(replica)
    }
  }

  close(): void {
    for (const waiting of this.idle.values()) for (const connection of waiting) connection.destroy()
    this.idle.clear()
  }
}
