import { connect } from 'node:net'
import type { ReplicaState } from './replica-state.ts'

const firstProbeMs = 1000
const longestProbeMs = 10_000
const probeTimeoutMs = 2000

/** Errors of `connect` and `read` for want of descriptors, local ports or memory on this machine. */
const shortages: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM'])

/** True for the code of an error that says nothing of the replica: the gateway itself ran short. Null: no error. Pure. */
export function isOwnShortage(errorCode: string | null): boolean {
  return errorCode !== null && shortages.has(errorCode)
}

/** Now, on both clocks: monotonic for decisions, wall for people. */
export interface Instant {
  readonly monotonicMs: number
  readonly wallMs: number
}

/** Takes a replica out of the choice: after a connect error, a reset or a time-out, or as an outlier. */
export function eject(replica: ReplicaState, reason: string, at: Instant): void {
  replica.ejectedAt = at.monotonicMs
  replica.ejectedSinceMs = at.wallMs
  replica.ejectReason = reason
  replica.probeDelayMs = firstProbeMs
  replica.probeAt = at.monotonicMs + firstProbeMs
}

/** Puts a replica back: it took a connection, or answered. */
export function readmit(replica: ReplicaState): void {
  replica.ejectedAt = -1
  replica.ejectReason = ''
  replica.resetWindow()
}

/** Tries each replica that took no connection, when its time has come, with one; waits longer after each failure, up to 10 s. */
export function probeEjected(replicas: Iterable<ReplicaState>, monotonicMs: () => number): void {
  const now = monotonicMs()
  for (const replica of replicas) {
    if (replica.ejectedAt < 0 || replica.isProbing || !replica.isRouted || now < replica.probeAt) continue
    if (replica.isOutlier) continue
    probe(replica, monotonicMs)
  }
}

function probe(replica: ReplicaState, monotonicMs: () => number): void {
  replica.isProbing = true
  const socket = connect({ host: replica.host, port: replica.port, timeout: probeTimeoutMs })
  let hasConnected = false
  socket.on('connect', () => {
    hasConnected = true
    socket.destroy()
  })
  socket.on('timeout', () => socket.destroy())
  socket.on('error', () => undefined)
  socket.on('close', () => {
    replica.isProbing = false
    // It may have become an outlier in the meantime.
    if (hasConnected && !replica.isOutlier) return readmit(replica)
    replica.probeDelayMs = Math.min(longestProbeMs, replica.probeDelayMs * 2)
    replica.probeAt = monotonicMs() + replica.probeDelayMs
  })
}
