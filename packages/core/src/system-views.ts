import type { Ejection } from './routes.ts'

/** One process of a control plane, as it registered itself. */
export interface PlaneView {
  readonly uid: string
  readonly role: 'worker' | 'web'
  readonly hostname: string
  readonly pid: number
  readonly version: string
  readonly fence: number
  readonly startedAtMs: number
  /** For people: nothing is decided on it. */
  readonly heartbeatAtMs: number
}

export interface GatewayProcessView {
  readonly slot: number
  readonly pid: number
  /** Version of the route table that it decides by; -1 before the first. */
  readonly appliedVersion: number
  readonly inFlight: number
  /** Requests that wait for a replica. */
  readonly parked: number
  /** Seconds of counts that no worker has taken yet; null where it does not tell. */
  readonly unackedSeconds: number | null
  readonly ejected: number
  /** Each replica that is out of its choice, with the reason and since when. */
  readonly ejections: readonly Ejection[]
  readonly blockedPorts: readonly { readonly port: number; readonly reason: string }[]
}

/** What the worker has to do with the rows of one kind. */
export interface QueueView {
  readonly kind: 'service' | 'replica' | 'operation'
  /** Due now, and taken by nobody yet. */
  readonly due: number
  /** Held by a worker. */
  readonly held: number
  /** Due later. */
  readonly later: number
  readonly setAside: number
}

/** The parts beneath the control plane that move: who holds what, and what waits. */
export interface MachineryView {
  readonly planes: readonly PlaneView[]
  readonly gateways: readonly GatewayProcessView[]
  readonly queues: readonly QueueView[]
  /** The log is kept from after this number on; 0: from the first. */
  readonly eventFloorSeq: number
  readonly lastEventSeq: number
}
