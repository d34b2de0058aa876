import type { RetentionLimits } from '@skykeep/core/retention'
import type { ControllerContext } from '../context.ts'
import type { StorageHealth } from '../storage-health.ts'
import type { Space } from './decide.ts'

/** Places under the persistent path that retention looks after; given by the composition root, which knows the layout. */
export interface RetentionPaths {
  readonly tmpDir: string
  readonly uploadsDir: string
  readonly operationLogsDir: string
  readonly serviceLogsRootDir: string
  serviceLogsDir(serviceUid: string): string
  serviceVersionsDir(serviceUid: string): string
  versionDir(serviceUid: string, version: number): string
}

export interface RetentionParts extends ControllerContext {
  readonly limits: RetentionLimits
  readonly paths: RetentionPaths
  readonly storage: Pick<StorageHealth, 'state'>
  /** Space that the control plane keeps for itself, bytes. */
  readonly reserveBytes: number
  /** How full the disk is now. */
  readonly space: () => Space
  /** Writes a file whole and durably. Throws the file system's error. */
  readonly writeFile: (path: string, text: string) => void
}

/** What a pass removed of what people look for. */
export const toldKinds = {
  services: 'ended services',
  versions: 'versions',
  replicas: 'ended replicas',
  operations: 'operations',
  rollouts: 'rollouts',
  drills: 'drills',
  recoveryReports: 'recovery reports',
  unfinishedRequests: 'unfinished requests',
  logs: 'logs',
} as const
export type ToldKind = keyof typeof toldKinds

/** One pass: what time it is for limits of age, and how much it may still do. */
export class RetentionPass {
  /** Wall time that may be believed; null: limits of age wait. */
  readonly nowMs: number | null
  readonly removed = new Map<ToldKind, number>()
  #transactionsLeft: number

  constructor(nowMs: number | null, transactions: number) {
    this.nowMs = nowMs
    this.#transactionsLeft = transactions
  }

  /** The wall time before which something is too old; null while no time is believed. */
  before(ageMs: number): number | null {
    return this.nowMs === null ? null : this.nowMs - ageMs
  }

  /** True once it has used up its transactions: the rest waits for the next pass. */
  get isSpent(): boolean {
    return this.#transactionsLeft <= 0
  }

  note(kind: ToldKind, count: number): void {
    if (count > 0) this.removed.set(kind, (this.removed.get(kind) ?? 0) + count)
  }

  /** Repeats a step of one small transaction until it removes nothing or the pass is spent. @returns how many rows went. */
  async drain(step: () => Promise<number>): Promise<number> {
    let gone = 0
    while (!this.isSpent) {
      const count = await step()
      if (count === 0) break
      this.#transactionsLeft -= 1
      gone += count
    }
    return gone
  }
}
