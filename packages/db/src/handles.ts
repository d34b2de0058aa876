import type { Clock } from '@skykeep/core/clock'
import type { DatabaseKind } from './database-url.ts'
import type { NewEvent } from './new-event.ts'
import type { Prisma } from './generated/sqlite/client.ts'

/** What a read needs: outside a transaction it reads what is committed, inside one what the transaction sees. */
export interface Db {
  readonly kind: DatabaseKind
  readonly clock: Clock
  /** For this package only: rows never leave it. */
  readonly client: Prisma.TransactionClient
}

/** What a write needs: one open transaction. Only its own client is used inside it. */
export interface Tx extends Db {
  readonly isTransaction: true
  /** The fencing number that the transaction was opened with, or null for one that carries none. */
  readonly fence: number | null
  /** Keeps what was appended, to be told of once it is committed; absent: nobody listens. */
  readonly appended?: NewEvent[]
}

export interface TransactionOptions {
  /** The plane's fencing number: a plane that was replaced is refused with FENCED and nothing is written. */
  readonly fence?: number
}

/** One open database: reads run at any time; writes one at a time, whatever the database. */
export interface Database extends Db {
  /**
   * Runs `fn` in one write transaction, alone among all writers of the database, and commits when it returns.
   * Waits up to 35 s for its turn without blocking the event loop. `fn` may run again after a lost race: database work only.
   * @throws FENCED, STORAGE_DEGRADED (disk full, read-only, I/O error), UNAVAILABLE (busy past the bound, connection lost).
   */
  transaction<T>(fn: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Calls the listener after each commit of this process. @returns unsubscribes. */
  onCommit(listener: () => void): () => void
  close(): Promise<void>
}
