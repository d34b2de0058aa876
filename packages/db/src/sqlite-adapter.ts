import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import type {
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQueryable,
  Transaction,
} from '@prisma/driver-adapter-utils'
import { keepStatements } from './kept-statements.ts'
import { patiently, type Patience } from './patience.ts'

export interface SqliteAdapterOptions extends Patience {
  readonly file: string
  /** True: the connection refuses every write. */
  readonly isReader: boolean
}

/**
 * One SQLite connection for Prisma. Against the stock adapter: transactions begin with BEGIN IMMEDIATE (a read that turns
 * into a write fails at once otherwise when another process wrote in between), a lock of another process is waited for
 * without blocking the event loop, a failed COMMIT leaves no transaction open, and statements stay prepared.
 */
export class SqliteAdapterFactory implements SqlDriverAdapterFactory {
  readonly provider = 'sqlite'
  readonly adapterName = '@skykeep/sqlite'
  readonly #options: SqliteAdapterOptions

  constructor(options: SqliteAdapterOptions) {
    this.#options = options
  }

  async connect(): Promise<SqlDriverAdapter> {
    const stock = new PrismaBetterSqlite3({ url: `file:${this.#options.file}`, timeout: 0 })
    const connection = await patiently(this.#options, () => stock.connect())
    const pragmas = ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON', 'cell_size_check = ON']
    if (this.#options.isReader) pragmas.push('query_only = ON')
    for (const pragma of pragmas) {
      await patiently(this.#options, () => connection.executeScript(`PRAGMA ${pragma}`))
    }
    keepStatements(connection)
    return adapt(connection, this.#options)
  }
}

function adapt(connection: SqlDriverAdapter, patience: Patience): SqlDriverAdapter {
  const queryable: SqlQueryable = {
    provider: connection.provider,
    adapterName: connection.adapterName,
    queryRaw: (query) => patiently(patience, () => connection.queryRaw(query)),
    executeRaw: (query) => patiently(patience, () => connection.executeRaw(query)),
  }
  return {
    ...queryable,
    executeScript: (script) => patiently(patience, () => connection.executeScript(script)),
    dispose: () => connection.dispose(),
    startTransaction: async () => {
      await patiently(patience, () => begin(connection))
      return transactionOn(connection)
    },
  }
}

async function begin(connection: SqlDriverAdapter): Promise<void> {
  try {
    await connection.executeScript('BEGIN IMMEDIATE')
  } catch (error) {
    // A COMMIT that failed on a full disk may have left its transaction open.
    if (!(error instanceof Error && /within a transaction/.test(JSON.stringify(error.cause) + error.message)))
      throw error
    await connection.executeScript('ROLLBACK')
    await connection.executeScript('BEGIN IMMEDIATE')
  }
}

/** Prisma sends COMMIT and ROLLBACK itself; a statement inside a transaction never meets another process's lock. */
function transactionOn(connection: SqlDriverAdapter): Transaction {
  const run = (sql: string): Promise<void> => connection.executeScript(sql)
  return {
    provider: connection.provider,
    adapterName: connection.adapterName,
    options: { usePhantomQuery: false },
    queryRaw: (query) => connection.queryRaw(query),
    executeRaw: (query) => connection.executeRaw(query),
    commit: () => Promise.resolve(),
    rollback: () => Promise.resolve(),
    createSavepoint: (name) => run(`SAVEPOINT ${name}`),
    rollbackToSavepoint: (name) => run(`ROLLBACK TO ${name}`),
    releaseSavepoint: (name) => run(`RELEASE SAVEPOINT ${name}`),
  }
}
