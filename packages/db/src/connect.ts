import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '@skykeep/core/clock'
import { SkykeepError } from '@skykeep/core/errors'
import type { ClientOptions, ClientRole } from './client-options.ts'
import { isLostRace, toDatabaseError } from './database-errors.ts'
import { databaseKindOf, type DatabaseKind } from './database-url.ts'
import { checkFence } from './fence.ts'
import type { PrismaClient } from './generated/sqlite/client.ts'
import type { NewEvent } from './new-event.ts'
import type { Database, Tx, TransactionOptions } from './handles.ts'
import type { DatabaseObserver } from './observer.ts'
import { changedChannel, writerLock } from './postgresql-names.ts'
import { storable } from './storable.ts'
import { WriteQueue } from './write-queue.ts'

export interface OpenOptions {
  /** `file:PATH` or `postgres://…`. */
  readonly url: string
  readonly clock: Clock
  /** Longest wait for the right to write, milliseconds; default 35 000, so that a lock of 30 s fails nothing. */
  readonly lockWaitMs?: number
  /** Longest that a transaction may stay open once it has begun, milliseconds; default 10 000. */
  readonly transactionMs?: number
  readonly observer?: DatabaseObserver
}

/** Opens a migrated database: one connection that writes, and others that only read. */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const all = {
    ...options,
    lockWaitMs: options.lockWaitMs ?? 35_000,
    transactionMs: options.transactionMs ?? 10_000,
  }
  const create = await clientsOf(databaseKindOf(options.url))
  const database = new OpenedDatabase(all, (role) => withRules(create(all, role)), options.observer)
  await database.open()
  return database
}

/** Each client has a query compiler of several MB: only the one that is needed is loaded. */
async function clientsOf(
  kind: DatabaseKind,
): Promise<(options: ClientOptions, role: ClientRole) => PrismaClient> {
  if (kind === 'sqlite') return (await import('./sqlite-client.ts')).createSqliteClient
  return (await import('./postgresql-client.ts')).createPostgresqlClient
}

class OpenedDatabase implements Database {
  readonly kind: DatabaseKind
  readonly clock: Clock
  readonly client: PrismaClient
  readonly #writer: PrismaClient
  readonly #queue: WriteQueue
  readonly #limits: { readonly maxWait: number; readonly timeout: number }
  readonly #observer: DatabaseObserver | undefined
  readonly #listeners = new Set<() => void>()
  /** Tells a transaction inside a transaction, which would wait for itself. */
  readonly #inside = new AsyncLocalStorage<{ isOpen: boolean }>()

  constructor(
    options: ClientOptions,
    create: (role: ClientRole) => PrismaClient,
    observer: DatabaseObserver | undefined,
  ) {
    this.#observer = observer
    const { lockWaitMs, transactionMs } = options
    this.kind = databaseKindOf(options.url)
    this.clock = options.clock
    this.client = create('reader')
    this.#writer = create('writer')
    this.#queue = new WriteQueue(options.clock, lockWaitMs)
    // On PostgreSQL the wait for the writers' lock is a statement of the transaction itself.
    const insideMs = this.kind === 'sqlite' ? transactionMs : transactionMs + lockWaitMs
    this.#limits = { maxWait: lockWaitMs + 5_000, timeout: insideMs }
  }

  async open(): Promise<void> {
    try {
      await Promise.all([this.client.$connect(), this.#writer.$connect()])
    } catch (error) {
      await Promise.allSettled([this.client.$disconnect(), this.#writer.$disconnect()])
      throw toDatabaseError(error)
    }
  }

  async transaction<T>(fn: (tx: Tx) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (this.#inside.getStore()?.isOpen === true) {
      throw new SkykeepError('INTERNAL', 'a transaction was opened inside a transaction: use its own client')
    }
    const run: Run = { askedMs: this.clock.monotonicMs(), begunMs: null, attempts: 0, appended: [] }
    const result = await this.#watched(run, () => this.#queue.run(() => this.#tryOften(run, fn, options)))
    for (const listener of this.#listeners) listener()
    return result
  }

  async #watched<T>(run: Run, work: () => Promise<T>): Promise<T> {
    const observer = this.#observer
    if (observer === undefined) return await work()
    let isCommitted = false
    try {
      const result = await work()
      isCommitted = true
      for (const event of run.appended) observer.onEvent(event)
      return result
    } finally {
      const nowMs = this.clock.monotonicMs()
      const begunMs = run.begunMs ?? nowMs
      const times = { waitMs: begunMs - run.askedMs, tookMs: nowMs - begunMs }
      observer.onTransaction({ isCommitted, attempts: run.attempts, ...times })
    }
  }

  async #tryOften<T>(run: Run, fn: (tx: Tx) => Promise<T>, options: TransactionOptions): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        run.attempts = attempt
        return await this.#try(run, fn, options)
      } catch (error) {
        if (attempt === 5 || !isLostRace(error)) throw toDatabaseError(error)
      }
    }
  }

  async #try<T>(run: Run, fn: (tx: Tx) => Promise<T>, options: TransactionOptions): Promise<T> {
    const state = { isOpen: true }
    try {
      return await this.#writer.$transaction(async (client) => {
        // One writer at a time: what a transaction reads holds until it commits, as on SQLite.
        if (this.kind === 'postgresql')
          await client.$executeRaw`SELECT pg_advisory_xact_lock(${writerLock}::bigint)`
        const fence = options.fence ?? null
        run.begunMs = this.clock.monotonicMs()
        run.appended = []
        const { appended } = run
        const tx: Tx = { kind: this.kind, clock: this.clock, client, isTransaction: true, fence, appended }
        if (fence !== null) await checkFence(tx, fence)
        const result = await this.#inside.run(state, () => fn(tx))
        if (this.kind === 'postgresql') await client.$executeRaw`SELECT pg_notify(${changedChannel}, '')`
        return result
      }, this.#limits)
    } finally {
      state.isOpen = false
    }
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    await this.#queue.idle()
    await Promise.all([this.client.$disconnect(), this.#writer.$disconnect()])
  }
}

/** What is known of one transaction while it runs. */
interface Run {
  readonly askedMs: number
  /** When it might write: its turn had come, and no other process held the lock. */
  begunMs: number | null
  attempts: number
  appended: NewEvent[]
}

function withRules(client: PrismaClient): PrismaClient {
  const mapped = client.$extends({
    query: {
      async $allOperations({ args, query }) {
        try {
          return await query(storable(args))
        } catch (error) {
          if (isLostRace(error)) throw error
          throw toDatabaseError(error)
        }
      },
    },
  })
  // The extension translates errors and texts: no signature changes.
  return mapped as unknown as PrismaClient
}
