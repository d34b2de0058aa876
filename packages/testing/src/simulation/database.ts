import type { Database, Tx, TransactionOptions } from '@skykeep/db/handles'
import { currentTask, pass } from './task.ts'

/** Tells what a transaction has written. */
export type DescribeWrites = (models: readonly string[]) => string

/**
 * The same database with a point before and after each write transaction of a task.
 * @param describe given, each transaction is called by what it wrote; without, they are all alike and cheaper.
 */
export function withPoints(database: Database, describe?: DescribeWrites): Database {
  const transaction = async <T>(fn: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T> => {
    await pass({ when: 'before', what: 'write' })
    const models: string[] = []
    const traced =
      describe === undefined
        ? fn
        : (tx: Tx): Promise<T> => fn({ ...tx, client: traceWrites(tx.client, models) })
    const result = await database.transaction(traced, options)
    await pass({ when: 'after', what: currentTask()?.label ?? describe?.(models) ?? 'write' })
    return result
  }
  return {
    kind: database.kind,
    clock: database.clock,
    client: database.client,
    transaction,
    onCommit: (listener) => database.onCommit(listener),
    close: () => database.close(),
  }
}

const writes = /^(create|update|upsert|delete)/

function traceWrites<C extends object>(client: C, models: string[]): C {
  return new Proxy(client, {
    get(target, model) {
      const delegate: unknown = Reflect.get(target, model)
      if (typeof delegate !== 'object' || delegate === null || typeof model !== 'string') return delegate
      return new Proxy(delegate, {
        get(inner, operation) {
          if (typeof operation === 'string' && writes.test(operation)) models.push(model)
          const call: unknown = Reflect.get(inner, operation)
          return typeof call === 'function' ? call.bind(inner) : call
        },
      })
    },
  })
}
