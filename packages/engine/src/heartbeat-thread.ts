import type { MessagePort, Worker } from 'node:worker_threads'
import type { HeldLease, LeaseKeeper } from './lease.ts'
import type { Claim } from './store.ts'

/** Monotonic milliseconds that every thread of this process agrees on (`performance.now` starts anew in each). */
export function threadMonotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}

export type HeartbeatMessage =
  | { readonly type: 'hold'; readonly slot: number; readonly claim: Claim }
  | { readonly type: 'release'; readonly slot: number }

/** What the heartbeat thread is started with. */
export interface HeartbeatWiring {
  readonly leaseMs: number
  /** One signed 64-bit cell a slot: monotonic ms until which the lease is ours; 0 when it was lost. */
  readonly cells: SharedArrayBuffer
}

export const heartbeatSlots = 256

/** Room for `heartbeatSlots` leases. */
export function createHeartbeatCells(): SharedArrayBuffer {
  return new SharedArrayBuffer(heartbeatSlots * BigInt64Array.BYTES_PER_ELEMENT)
}

/**
 * Leases renewed by another thread: a reconcile that blocks this one loses nothing, and it reads how long its lease holds
 * from shared memory, without waiting for a message that it could not receive.
 */
export class ThreadLeaseKeeper implements LeaseKeeper {
  readonly leaseMs: number
  readonly #cells: BigInt64Array
  readonly #thread: Pick<Worker, 'postMessage'>
  readonly #free: number[] = Array.from({ length: heartbeatSlots }, (_, slot) => heartbeatSlots - 1 - slot)

  constructor(thread: Pick<Worker, 'postMessage'>, wiring: HeartbeatWiring) {
    this.leaseMs = wiring.leaseMs
    this.#cells = new BigInt64Array(wiring.cells)
    this.#thread = thread
  }

  hold(claim: Claim, claimedFromMs: number): HeldLease {
    const slot = this.#free.pop()
    if (slot === undefined) throw new Error(`more than ${heartbeatSlots} leases at once`)
    Atomics.store(this.#cells, slot, BigInt(Math.trunc(claimedFromMs + this.leaseMs)))
    this.#post({ type: 'hold', slot, claim })
    let isHeld = true
    return {
      validUntilMs: () => (isHeld ? Number(Atomics.load(this.#cells, slot)) : 0),
      release: () => {
        if (!isHeld) return
        isHeld = false
        this.#post({ type: 'release', slot })
        this.#free.unshift(slot)
      },
    }
  }

  #post(message: HeartbeatMessage): void {
    this.#thread.postMessage(message)
  }
}

/** Renews one claim. False: it is not ours any more. A throw says nothing: it is tried again. */
export type RenewClaim = (claim: Claim) => Promise<boolean>

/**
 * The loop of the heartbeat thread: renews each held lease at half of its time.
 * @returns stops it.
 */
export function runHeartbeat(port: MessagePort, wiring: HeartbeatWiring, renew: RenewClaim): () => void {
  const cells = new BigInt64Array(wiring.cells)
  const held = new Map<number, Claim>()

  const beating = new Set<number>()

  const beat = async (slot: number, claim: Claim): Promise<void> => {
    beating.add(slot)
    const before = threadMonotonicMs()
    const isOurs = await renew(claim).catch(() => null)
    beating.delete(slot)
    if (isOurs === null || held.get(slot) !== claim) return
    Atomics.store(cells, slot, isOurs ? BigInt(before + wiring.leaseMs) : 0n)
    if (!isOurs) held.delete(slot)
  }
  const timer = setInterval(
    () => {
      const now = threadMonotonicMs()
      for (const [slot, claim] of held) {
        // Also one that ran out (a stopped process, a locked database): the token says whether somebody took it.
        const leftMs = Number(Atomics.load(cells, slot)) - now
        if (leftMs <= wiring.leaseMs / 2 && !beating.has(slot)) void beat(slot, claim)
      }
    },
    Math.max(wiring.leaseMs / 8, 10),
  )
  port.on('message', (message: HeartbeatMessage) => {
    if (message.type === 'hold') held.set(message.slot, message.claim)
    else held.delete(message.slot)
  })
  return () => clearInterval(timer)
}
