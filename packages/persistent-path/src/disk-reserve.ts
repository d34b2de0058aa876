import { rmSync, statfsSync, statSync, truncateSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { configDefaults } from './config-keys.ts'
import { isStorageFault } from './storage-fault.ts'

export const defaultReserveBytes = configDefaults.reserveMegabytes << 20

/**
 * Space that the control plane keeps for itself: a file of real blocks that is given back when the disk is full, so that the database
 * can still commit (invariant 15).
 */
export class DiskReserve {
  readonly #file: string
  readonly #bytes: number

  /** @param bytes size of the reserve; 64 MiB unless told. */
  constructor(file: string, bytes: number = defaultReserveBytes) {
    this.#file = file
    this.#bytes = bytes
  }

  /** Bytes held now. */
  heldBytes(): number {
    return statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0
  }

  /** Gives the space back. Returns the bytes freed; 0 on a read-only file system. */
  release(): number {
    const held = this.heldBytes()
    try {
      rmSync(this.#file, { force: true })
      return held
    } catch (error) {
      if (isStorageFault(error)) return 0
      throw error
    }
  }

  /**
   * Takes the space again where twice the reserve would still be free afterwards; gives back what is more than it should be. Returns
   * whether it is held. A disk that fills meanwhile is no error: what was taken is given back.
   */
  async ensure(): Promise<boolean> {
    const held = this.heldBytes()
    if (held > this.#bytes) truncateSync(this.#file, this.#bytes)
    if (held >= this.#bytes) return true
    const { bavail, bsize } = statfsSync(dirname(this.#file))
    if (bavail * bsize < this.#bytes * 3) return false
    try {
      await this.#fill()
      return true
    } catch (error) {
      if (!isStorageFault(error)) throw error
      this.release()
      return false
    }
  }

  async #fill(): Promise<void> {
    const block = Buffer.alloc(1 << 20)
    const handle = await open(this.#file, 'w', 0o600)
    try {
      for (let done = 0; done < this.#bytes; done += block.length) {
        await handle.write(block, 0, Math.min(block.length, this.#bytes - done))
      }
    } finally {
      await handle.close()
    }
  }
}
