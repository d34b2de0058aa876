import type Sqlite from 'better-sqlite3'
import type { Field, Model, Models } from './quick-models.ts'
import { condition, fromStored, toStored, type Parameter } from './quick-where.ts'

interface Arguments {
  readonly where?: unknown
  readonly data?: unknown
  readonly create?: unknown
  readonly update?: unknown
  readonly select?: unknown
  readonly include?: unknown
  readonly orderBy?: unknown
  readonly take?: number
  readonly skip?: number
}

type Row = Readonly<Record<string, unknown>>

/** What Prisma's client does with one model, for the calls that this repository makes, on statements that stay prepared. */
class Delegate {
  readonly #select: string
  readonly #connection: Connection
  readonly #models: Models
  readonly #model: Model

  constructor(connection: Connection, models: Models, model: Model) {
    this.#select = `SELECT * FROM "${model.table}"`
    this.#connection = connection
    this.#models = models
    this.#model = model
  }

  async findMany({ where, orderBy, take, skip = 0, ...shape }: Arguments = {}): Promise<unknown[]> {
    const { sql, values } = condition(this.#models, this.#model, where)
    const found = this.#connection.all(`${this.#select} WHERE ${sql}`, values)
    // SQLite opens a table of its own for each sort, which costs more than all the rest of a look at a few rows.
    const sorted = orderBy === undefined ? found : found.toSorted(this.#order(orderBy))
    const wanted =
      take === undefined && skip === 0
        ? sorted
        : sorted.slice(skip, take === undefined ? undefined : skip + take)
    return wanted.map((row) => this.#shaped(row, shape))
  }

  async findFirst(call: Arguments = {}): Promise<unknown> {
    return (await this.findMany({ ...call, take: 1 }))[0] ?? null
  }

  findUnique(call: Arguments): Promise<unknown> {
    return this.findFirst(call)
  }

  async findUniqueOrThrow(call: Arguments): Promise<unknown> {
    return (await this.findFirst(call)) ?? this.#missing()
  }

  async count({ where }: Arguments = {}): Promise<number> {
    const { sql, values } = condition(this.#models, this.#model, where)
    const [row] = this.#connection.all(
      `SELECT count(*) AS n FROM "${this.#model.table}" WHERE ${sql}`,
      values,
    )
    return Number(row?.['n'])
  }

  async create({ data, ...shape }: Arguments): Promise<unknown> {
    return this.#shaped(this.#insert(data), shape)
  }

  async createMany({ data }: { readonly data: readonly unknown[] }): Promise<{ readonly count: number }> {
    for (const each of data) this.#insert(each)
    return { count: data.length }
  }

  async update({ where, data, ...shape }: Arguments): Promise<unknown> {
    const [row] = this.#update(where, data)
    return row === undefined ? this.#missing() : this.#shaped(row, shape)
  }

  async updateMany({ where, data }: Arguments): Promise<{ readonly count: number }> {
    return { count: this.#update(where, data).length }
  }

  async upsert({ where, create, update, ...shape }: Arguments): Promise<unknown> {
    const [row] = this.#update(where, update)
    return this.#shaped(row ?? this.#insert(create), shape)
  }

  async delete(call: Arguments): Promise<void> {
    if ((await this.deleteMany(call)).count === 0) this.#missing()
  }

  async deleteMany({ where }: Arguments = {}): Promise<{ readonly count: number }> {
    const { sql, values } = condition(this.#models, this.#model, where)
    return { count: this.#connection.run(`DELETE FROM "${this.#model.table}" WHERE ${sql}`, values) }
  }

  #insert(data: unknown): Row {
    const entries = this.#stored(data)
    const columns = entries.map(([{ column }]) => `"${column}"`).join(', ')
    const marks = entries.map(() => '?').join(', ')
    const values = entries.map(([field, value]) => toStored(field, value))
    const [row] = this.#connection.all(
      `INSERT INTO "${this.#model.table}" (${columns}) VALUES (${marks}) RETURNING *`,
      values,
    )
    return row ?? this.#missing()
  }

  #update(where: unknown, data: unknown): readonly Row[] {
    const changes = this.#stored(data).map(([field, value]) => {
      const more = Reflect.get(Object(value), 'increment') as unknown
      const sql =
        typeof more === 'number' ? `"${field.column}" = "${field.column}" + ?` : `"${field.column}" = ?`
      return { sql, value: typeof more === 'number' ? more : toStored(field, value) }
    })
    const { sql, values } = condition(this.#models, this.#model, where)
    if (changes.length === 0)
      return this.#connection.all(`SELECT * FROM "${this.#model.table}" WHERE ${sql}`, values)
    const text = `UPDATE "${this.#model.table}" SET ${changes.map((change) => change.sql).join(', ')} WHERE ${sql} RETURNING *`
    return this.#connection.all(text, [...changes.map(({ value }) => value), ...values])
  }

  #stored(data: unknown): readonly (readonly [Field, unknown])[] {
    return Object.entries(Object(data)).flatMap(([key, value]) => {
      const field = this.#model.fields.get(key)
      if (field === undefined) throw new Error(`the quick client writes no ${key} of ${this.#model.name}`)
      return value === undefined ? [] : [[field, value] as const]
    })
  }

  /** The order of SQLite: null before numbers before texts, texts by their bytes. */
  #order(orderBy: unknown): (one: Row, other: Row) => number {
    const orders = (Array.isArray(orderBy) ? orderBy : [orderBy]).flatMap((each) =>
      Object.entries(Object(each)).map(([key, direction]) => {
        const field = this.#model.fields.get(key)
        if (field === undefined) throw new Error(`the quick client orders by no ${key}`)
        return { column: field.column, sign: direction === 'desc' ? -1 : 1 }
      }),
    )
    return (one, other) => {
      for (const { column, sign } of orders) {
        const difference = compare(one[column], other[column])
        if (difference !== 0) return difference * sign
      }
      return 0
    }
  }

  #shaped(row: Row, { select, include }: Pick<Arguments, 'select' | 'include'>): unknown {
    const wanted =
      select === undefined
        ? null
        : new Set(Object.entries(Object(select)).flatMap(([key, is]) => (is === false ? [] : [key])))
    const shaped: Record<string, unknown> = {}
    for (const field of this.#model.fields.values()) {
      if (wanted === null || wanted.has(field.name)) shaped[field.name] = fromStored(field, row[field.column])
    }
    for (const [key, inner] of Object.entries(Object(include ?? select))) {
      const relation = this.#model.relations.get(key)
      if (relation === undefined) continue
      const target = this.#models.get(relation.model)
      if (target === undefined || relation.isList) throw new Error(`the quick client includes no ${key}`)
      const found = this.#connection.all(`SELECT * FROM "${target.table}" WHERE "${relation.to}" = ?`, [
        row[relation.from] as Parameter,
      ]) // a key's column
      const delegate = new Delegate(this.#connection, this.#models, target)
      shaped[key] =
        found[0] === undefined ? null : delegate.#shaped(found[0], inner === true ? {} : Object(inner))
    }
    return shaped
  }

  #missing(): never {
    throw Object.assign(new Error(`no such ${this.#model.name}`), { code: 'P2025' })
  }
}

function compare(one: unknown, other: unknown): number {
  if (one === other) return 0
  if (one === null) return -1
  if (other === null) return 1
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : 1
  throw new Error(`the quick client cannot order ${typeof one} and ${typeof other}`)
}

/** One SQLite connection whose statements stay prepared. */
export class Connection {
  readonly #database: Sqlite.Database
  readonly #isReader: boolean
  readonly #statements = new Map<string, Sqlite.Statement>()

  /** @param isReader it only reads, and never while a transaction is open: that one has its own client. */
  constructor(database: Sqlite.Database, { isReader = false } = {}) {
    this.#database = database
    this.#isReader = isReader
  }

  all(sql: string, values: readonly Parameter[]): readonly Row[] {
    // Rows of any table.
    return this.#checked(() => this.#statement(sql).all(...values)) as readonly Row[]
  }

  run(sql: string, values: readonly Parameter[] = []): number {
    return this.#checked(() => this.#statement(sql).run(...values).changes)
  }

  #statement(sql: string): Sqlite.Statement {
    if (this.#isReader && this.#database.inTransaction)
      throw new Error(`read beside the open transaction, not with its client: ${sql}`)
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql)
    if (this.#isReader && !known.readonly) throw new Error(`written outside of a transaction: ${sql}`)
    this.#statements.set(sql, known)
    return known
  }

  #checked<T>(run: () => T): T {
    try {
      return run()
    } catch (error) {
      const code: unknown = Reflect.get(Object(error), 'code')
      const isTaken = code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
      throw isTaken
        ? Object.assign(new Error('a row with that key exists', { cause: error }), { code: 'P2002' })
        : error
    }
  }
}

/** A written statement with its values, as Prisma's `sql` makes it; values may be such statements themselves. */
interface RawStatement {
  readonly strings: readonly string[]
  readonly values: readonly unknown[]
}

function flattened({ strings, values }: RawStatement): {
  readonly sql: string
  readonly values: readonly Parameter[]
} {
  let sql = strings[0] ?? ''
  const all: Parameter[] = []
  for (const [index, value] of values.entries()) {
    const inner = isStatement(value) ? flattened(value) : { sql: '?', values: [value as Parameter] } // what SQLite stores
    sql += `${inner.sql}${strings[index + 1] ?? ''}`
    all.push(...inner.values)
  }
  return { sql, values: all }
}

function isStatement(value: unknown): value is RawStatement {
  return typeof value === 'object' && value !== null && 'strings' in value && 'values' in value
}

/** Delegates by the names that Prisma gives them, and its ways to written statements. */
export function quickClient(connection: Connection, models: Models): object {
  const delegates = [...models].map(([name, model]) => [
    name.charAt(0).toLowerCase() + name.slice(1),
    new Delegate(connection, models, model),
  ])
  return {
    ...Object.fromEntries(delegates),
    $executeRaw: async (strings: readonly string[], ...values: readonly unknown[]): Promise<number> => {
      const statement = flattened({ strings, values })
      return connection.run(statement.sql, statement.values)
    },
  }
}
