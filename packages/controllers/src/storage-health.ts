import { isSkykeepError } from '@skykeep/core/errors'
import { appendEvent } from '@skykeep/db/events'
import { write, type ControllerContext } from './context.ts'

export interface StorageState {
  readonly state: 'ok' | 'degraded'
  readonly reason: string
  readonly sinceMs: number | null
}

const fileErrors = new Set(['ENOSPC', 'EROFS', 'EIO', 'EDQUOT', 'EACCES'])

/** Whether the persistent path takes what this process writes. Nothing is torn down while it does not. */
export class StorageHealth {
  readonly #context: ControllerContext
  #state: StorageState = { state: 'ok', reason: '', sinceMs: null }
  #noting: Promise<void> | undefined

  constructor(context: ControllerContext) {
    this.#context = context
  }

  get state(): StorageState {
    return this.#state
  }

  /** Told of each failed write. Only faults of storage count. */
  noteFailure(error: unknown): void {
    if (!isStorageFault(error) || this.#state.state === 'degraded') return
    const reason = error instanceof Error ? error.message : String(error)
    this.#state = { state: 'degraded', reason, sinceMs: this.#context.clock.now() }
    this.#context.log.error(
      { err: error },
      'storage is degraded: nothing is torn down, everything is tried again',
    )
  }

  /** Told of a success of the same kind of write; writes down that it was degraded, and no longer is. */
  async noteSuccess(): Promise<void> {
    if (this.#state.state === 'ok') return
    this.#noting ??= this.#noteRecovery().finally(() => {
      this.#noting = undefined
    })
    await this.#noting
  }

  async #noteRecovery(): Promise<void> {
    const { reason, sinceMs } = this.#state
    await write(this.#context, async (tx) => {
      const row = { kind: 'system', uid: this.#context.installationId } as const
      const payload = { sinceMs }
      await appendEvent(tx, {
        ...row,
        type: 'storage.degraded',
        reason: 'STORAGE_FAULT',
        message: reason,
        payload,
      })
      await appendEvent(tx, {
        ...row,
        type: 'storage.recovered',
        reason: 'STORAGE_OK',
        message: 'writes succeed again',
      })
    })
    this.#state = { state: 'ok', reason: '', sinceMs: null }
    this.#context.log.info({ sinceMs }, 'storage has recovered')
  }
}

function isStorageFault(error: unknown): boolean {
  if (isSkykeepError(error)) return error.code === 'STORAGE_DEGRADED'
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && fileErrors.has(error.code)
  )
}
