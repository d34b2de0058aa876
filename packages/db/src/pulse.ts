import type { ClientOptions } from './client-options.ts'
import type { LeaseHeld } from './guard.ts'

/**
 * What a heartbeat writes, on a connection of its own without a query compiler, which would be most of the memory of a thread that does
 * nothing else. The same as `renew` and `beatPlane` under the plane's fencing number.
 * Each throws FENCED, STORAGE_DEGRADED and UNAVAILABLE as a transaction does; nothing was written then.
 */
export interface Pulse {
  /** Moves the counter of a held lease. @returns false when it is not held any more. */
  renew(lease: LeaseHeld): Promise<boolean>
  /** Moves the counter of a process life. @returns false when it is not registered any more. */
  beatPlane(uid: string): Promise<boolean>
  close(): Promise<void>
}

export interface PulseOptions extends Pick<ClientOptions, 'url' | 'clock'> {
  readonly fence: number
  /** Longest wait for the right to write, milliseconds; default 35 000, so that a lock of 30 s fails nothing. */
  readonly lockWaitMs?: number
}
