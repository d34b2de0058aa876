import type { Field, Model, Models } from './quick-models.ts'
import type { Parameter, QuickTables, Row } from './quick-tables.ts'
import { compare, fromStored, toStored, Where } from './quick-where.ts'

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

type Shape = Pick<Arguments, 'select' | 'include'>
type Shaped = Readonly<Record<string, unknown>>

/** Rows and what each looks like; whoever reads while a transaction is open reads with its client. */
interface Ground {
  readonly tables: QuickTables
  readonly where: Where
  readonly models: Models
  readonly shapes: WeakMap<Row, Shaped>
  readonly isReader: boolean
}

/** What Prisma's client does with one model, for the calls that this repository makes. */
class Delegate {
  readonly #ground: Ground
  readonly #model: Model

  constructor(ground: Ground, model: Model) {
    this.#ground = ground
    this.#model = model
  }

  async findMany({ where, orderBy, take, skip = 0, ...shape }: Arguments = {}): Promise<unknown[]> {
    const found = this.#find(where)
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
    return this.#find(where).length
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
    const rows = this.#writable(where)
    for (const row of rows) this.#ground.tables.delete(this.#model.table, row)
    return { count: rows.length }
  }

  #find(where: unknown): readonly Row[] {
    const { isReader, tables } = this.#ground
    if (isReader && tables.inTransaction)
      throw new Error(`${this.#model.name} is read beside the open transaction, not with its client`)
    return this.#ground.where.find(this.#model, where)
  }

  #writable(where: unknown): readonly Row[] {
    if (this.#ground.isReader) throw new Error(`${this.#model.name} is written outside of a transaction`)
    return [...this.#ground.where.find(this.#model, where)]
  }

  #insert(data: unknown): Row {
    if (this.#ground.isReader) throw new Error(`${this.#model.name} is written outside of a transaction`)
    const entries = this.#stored(data)
    const columns = entries.map(([{ column }]) => column)
    const values = entries.map(([field, value]) => toStored(field, value))
    return this.#ground.tables.insert(this.#model.table, columns, values)
  }

  #update(where: unknown, data: unknown): readonly Row[] {
    const rows = this.#writable(where)
    const changes: string[] = []
    const values: Parameter[] = []
    for (const [field, value] of this.#stored(data)) {
      const more = Reflect.get(Object(value), 'increment') as unknown
      const isMore = typeof more === 'number'
      changes.push(isMore ? `"${field.column}" = "${field.column}" + ?` : `"${field.column}" = ?`)
      values.push(isMore ? more : toStored(field, value))
    }
    if (changes.length === 0) return rows
    return rows.map((row) => this.#ground.tables.update(this.#model.table, row, changes, values))
  }

  #stored(data: unknown): readonly (readonly [Field, unknown])[] {
    return Object.entries(Object(data)).flatMap(([key, value]) => {
      const field = this.#model.fields.get(key)
      if (field === undefined) throw new Error(`the quick client writes no ${key} of ${this.#model.name}`)
      return value === undefined ? [] : [[field, value] as const]
    })
  }

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

  #shaped(row: Row, { select, include }: Shape): Shaped {
    const whole = this.#whole(row)
    if (select === undefined && include === undefined) return whole
    const shaped: Record<string, unknown> = select === undefined ? { ...whole } : {}
    for (const [key, inner] of Object.entries(Object(include ?? select))) {
      if (inner === false) continue
      if (this.#model.relations.has(key)) shaped[key] = this.#related(row, key, inner)
      else shaped[key] = whole[key]
    }
    return shaped
  }

  /** All that the row has of its own: the same for everybody who reads it, until it is written. */
  #whole(row: Row): Shaped {
    const known = this.#ground.shapes.get(row)
    if (known !== undefined) return known
    const shaped: Record<string, unknown> = {}
    for (const field of this.#model.fields.values()) shaped[field.name] = fromStored(field, row[field.column])
    this.#ground.shapes.set(row, Object.freeze(shaped))
    return shaped
  }

  #related(row: Row, key: string, inner: unknown): Shaped | null {
    const relation = this.#model.relations.get(key)
    const target = relation === undefined ? undefined : this.#ground.models.get(relation.model)
    if (relation === undefined || target === undefined || relation.isList)
      throw new Error(`the quick client includes no ${key}`)
    const { tables } = this.#ground
    const wanted = row[relation.from] as Parameter // a key's column
    const found =
      tables.keyColumn(target.table) === relation.to
        ? tables.row(target.table, wanted)
        : tables.rows(target.table).find((other) => other[relation.to] === wanted)
    const shape = inner === true ? {} : Object(inner)
    return found === undefined ? null : new Delegate(this.#ground, target).#shaped(found, shape)
  }

  #missing(): never {
    throw Object.assign(new Error(`no such ${this.#model.name}`), { code: 'P2025' })
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

/**
 * Delegates by the names that Prisma gives them, and its ways to written statements.
 * @param options.isReader it only reads, and never while a transaction is open: that one has its own client.
 */
export function quickClient(tables: QuickTables, models: Models, { isReader = false } = {}): object {
  const ground = { tables, models, where: new Where(models, tables), shapes: new WeakMap(), isReader }
  const delegates = [...models].map(([name, model]) => [
    name.charAt(0).toLowerCase() + name.slice(1),
    new Delegate(ground, model),
  ])
  return {
    ...Object.fromEntries(delegates),
    $executeRaw: async (strings: readonly string[], ...values: readonly unknown[]): Promise<number> => {
      if (isReader) throw new Error('written outside of a transaction')
      const statement = flattened({ strings, values })
      return tables.run(statement.sql, statement.values)
    },
  }
}
