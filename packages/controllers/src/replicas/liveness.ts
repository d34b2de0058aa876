import { wake } from '@skykeep/db/reconciliations'
import { write, type ControllerContext } from '../context.ts'
import type { LocalProcess } from './local-process.ts'

export interface LivenessOptions {
  readonly context: ControllerContext
  readonly isProcessAlive: (process: LocalProcess) => boolean
}

/** Notices within a second that a process of this machine is gone: one look at /proc a process, no shell, no database. */
export class LivenessWatch {
  readonly #options: LivenessOptions
  readonly #processes = new Map<string, LocalProcess>()

  constructor(options: LivenessOptions) {
    this.#options = options
  }

  watch(replicaUid: string, process: LocalProcess): void {
    this.#processes.set(replicaUid, process)
  }

  forget(replicaUid: string): void {
    this.#processes.delete(replicaUid)
  }

  /** Makes every replica due whose process is gone; its own controller finds out what happened. */
  async pass(): Promise<void> {
    const gone = [...this.#processes].filter(([, process]) => !this.#options.isProcessAlive(process))
    if (gone.length === 0) return
    await write(this.#options.context, async (tx) => {
      for (const [replicaUid] of gone) await wake(tx, replicaUid)
    })
    for (const [replicaUid] of gone) this.#processes.delete(replicaUid)
  }
}
