import { statfsSync } from 'node:fs'
import type { Clock } from '@skykeep/core/clock'
import { DiskReserve } from '@skykeep/persistent-path/disk-reserve'
import type { Layout } from '@skykeep/persistent-path/layout'
import { describeStorageFault, storageFaultOf } from '@skykeep/persistent-path/storage-fault'

export interface StorageView {
  readonly status: 'ok' | 'degraded'
  /** ENOSPC, EDQUOT, EROFS or EIO; absent when ok. */
  readonly fault?: string
  readonly detail?: string
  /** Milliseconds since the Unix epoch. */
  readonly sinceMs?: number
  /** Bytes held for the control plane, to be given back when the disk is full. */
  readonly reserveBytes: number
}

/** Below this, the reserve is given back before a commit fails. */
const nearlyFullBytes = 4 << 20

/**
 * Turns faults of the storage into a visible state instead of a crash, and keeps the disk reserve: gives it back when the disk is full,
 * takes it again when there is room.
 */
export class StorageWatch {
  readonly #layout: Layout
  readonly #clock: Clock
  readonly #reserve: DiskReserve
  readonly #say: (line: string) => void
  #fault: { readonly code: string; readonly what: string; readonly sinceMs: number } | undefined
  #isFilling = false

  constructor(source: { layout: Layout; clock: Clock; say: (line: string) => void; reserveBytes?: number }) {
    this.#layout = source.layout
    this.#clock = source.clock
    this.#say = source.say
    this.#reserve = new DiskReserve(source.layout.reserveFile, source.reserveBytes)
  }

  /** Runs a write. A fault of the storage is noted, and undefined returned; any other error is thrown. */
  attempt<T>(what: string, write: () => T): T | undefined {
    try {
      return write()
    } catch (error) {
      const code = storageFaultOf(error)
      if (code === undefined) throw error
      this.#noteFault(code, what)
      return undefined
    }
  }

  /** One look, each second: `beat` is a write that fails while the storage does. */
  look(beat: () => void): void {
    const isWritten = this.attempt('heartbeat', () => {
      beat()
      return true
    })
    if (isWritten !== true) return
    if (this.#freeBytes() < nearlyFullBytes && this.#reserve.heldBytes() > 0)
      this.#noteFault('ENOSPC', 'free space')
    else if (this.#fault?.code !== 'ENOSPC') this.#noteRecovery()
  }

  /** Takes the reserve if it can; a full disk counts as recovered only once it is held again. Never throws. */
  async fillReserve(): Promise<void> {
    if (this.#isFilling) return
    this.#isFilling = true
    try {
      const isHeld = await this.#reserve.ensure()
      if (this.#fault?.code === 'ENOSPC' && (isHeld || this.#freeBytes() > 2 * nearlyFullBytes))
        this.#noteRecovery()
    } catch {
      // The next look tells what is wrong.
    } finally {
      this.#isFilling = false
    }
  }

  view(): StorageView {
    const reserveBytes = this.#reserve.heldBytes()
    if (this.#fault === undefined) return { status: 'ok', reserveBytes }
    const { code, what, sinceMs } = this.#fault
    return {
      status: 'degraded',
      fault: code,
      detail: `${what}: ${describeStorageFault(code)}`,
      sinceMs,
      reserveBytes,
    }
  }

  #noteFault(code: string, what: string): void {
    if (code === 'ENOSPC' || code === 'EDQUOT') this.#reserve.release()
    if (this.#fault?.code === code) return
    this.#fault = { code, what, sinceMs: this.#clock.now() }
    this.#say(
      `storage: degraded: ${describeStorageFault(code)} (${what}); services go on, nothing is torn down`,
    )
  }

  #noteRecovery(): void {
    if (this.#fault === undefined) return
    this.#fault = undefined
    this.#say('storage: recovered')
  }

  #freeBytes(): number {
    try {
      const { bavail, bsize } = statfsSync(this.#layout.runtimeDir)
      return bavail * bsize
    } catch {
      return Number.POSITIVE_INFINITY
    }
  }
}
