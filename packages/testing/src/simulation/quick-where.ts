import type { Field, Model, Models } from './quick-models.ts'
import type { Parameter, QuickTables, Row } from './quick-tables.ts'

/** As in SQL: a comparison with what is not there is neither true nor false. */
type Truth = boolean | null
type Condition = (row: Row) => Truth

const always: Condition = () => true

/** What a `where` finds its rows by. Knows what this repository writes; anything else is refused. */
export class Where {
  readonly #models: Models
  readonly #tables: QuickTables

  constructor(models: Models, tables: QuickTables) {
    this.#models = models
    this.#tables = tables
  }

  /** The rows that it is true of, in the order of the table. */
  find(model: Model, where: unknown): readonly Row[] {
    const key = this.#keyIn(model, where)
    if (key !== undefined) {
      const row = this.#tables.row(model.table, key)
      return row === undefined ? [] : [row]
    }
    const condition = this.#condition(model, where)
    const rows = this.#tables.rows(model.table)
    return condition === always ? rows : rows.filter((row) => condition(row) === true)
  }

  /** The primary key, when the `where` is nothing but that. */
  #keyIn(model: Model, where: unknown): Parameter | undefined {
    if (!isPlain(where)) return undefined
    const entries = Object.entries(where)
    const [name, value] = entries[0] ?? []
    const field = name === undefined ? undefined : model.fields.get(name)
    if (
      entries.length !== 1 ||
      field === undefined ||
      (typeof value !== 'string' && typeof value !== 'number')
    )
      return undefined
    return this.#tables.keyColumn(model.table) === field.column ? value : undefined
  }

  #condition(model: Model, where: unknown): Condition {
    return all(
      Object.entries(Object(where)).flatMap(([key, value]) =>
        value === undefined ? [] : [this.#entry(model, key, value)],
      ),
    )
  }

  #entry(model: Model, key: string, value: unknown): Condition {
    const conditions = (): readonly Condition[] => listOf(value).map((each) => this.#condition(model, each))
    if (key === 'AND') return all(conditions())
    if (key === 'NOT') return all(conditions().map(negated))
    if (key === 'OR') return negated(all(conditions().map(negated)))
    const field = model.fields.get(key)
    if (field !== undefined) return comparison(field, value)
    if (model.relations.has(key)) return this.#related(model, key, value)
    // A key of several columns: `host_port: { host, port }`.
    if (key.split('_').every((part) => model.fields.has(part))) return this.#condition(model, value)
    throw new Error(`the quick client knows no ${key} of ${model.name}`)
  }

  #related(model: Model, key: string, value: unknown): Condition {
    const relation = model.relations.get(key)
    const target = relation === undefined ? undefined : this.#models.get(relation.model)
    if (relation === undefined || target === undefined) throw new Error(`no relation ${key} of ${model.name}`)
    const [how = '', inner] = relation.isList ? (Object.entries(Object(value))[0] ?? []) : ['some', value]
    if (how !== 'some' && how !== 'none') throw new Error(`the quick client knows no ${how} of ${key}`)
    const condition = this.#condition(target, inner)
    const { from, to } = relation
    return (row) => {
      const others = this.#tables.rows(target.table)
      const isThere = others.some((other) => other[to] === row[from] && condition(other) === true)
      return isThere === (how === 'some')
    }
  }
}

const orders: Readonly<Record<string, (difference: number) => boolean>> = {
  lt: (difference) => difference < 0,
  lte: (difference) => difference <= 0,
  gt: (difference) => difference > 0,
  gte: (difference) => difference >= 0,
}

function comparison(field: Field, value: unknown): Condition {
  if (!isPlain(value)) return equals(field, value)
  return all(
    Object.entries(value).flatMap(([operator, operand]) =>
      operand === undefined ? [] : [operation(field, operator, operand)],
    ),
  )
}

function operation(field: Field, operator: string, operand: unknown): Condition {
  const { column } = field
  if (operator === 'equals') return equals(field, operand)
  if (operator === 'not')
    return operand === null ? (row) => row[column] !== null : negated(equals(field, operand))
  if (operator === 'in') return among(field, listOf(operand))
  if (operator === 'notIn') return negated(among(field, listOf(operand)))
  if (operator === 'contains') return like(column, `%${String(operand)}%`)
  if (operator === 'startsWith') return like(column, `${String(operand)}%`)
  const order = orders[operator]
  if (order === undefined) throw new Error(`the quick client knows no ${operator}`)
  const wanted = asRead(toStored(field, operand))
  return (row) => {
    const stored = row[column]
    return stored === null || wanted === null ? null : order(compare(stored, wanted))
  }
}

function equals(field: Field, value: unknown): Condition {
  const { column } = field
  if (value === null) return (row) => row[column] === null
  const wanted = asRead(toStored(field, value))
  return (row) => {
    const stored = row[column]
    return stored === null ? null : stored === wanted
  }
}

function among(field: Field, list: readonly unknown[]): Condition {
  const wanted = list.map((each) => asRead(toStored(field, each)))
  return (row) => {
    const stored = row[field.column]
    // Also for SQLite: among nothing there is nothing, not even what is not there.
    return wanted.length === 0 ? false : stored === null ? null : wanted.some((each) => each === stored)
  }
}

/** LIKE of SQLite: of any case, `_` for a character and `%` for any number of them. */
function like(column: string, pattern: string): Condition {
  const text = pattern
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  const wanted = new RegExp(`^${text}$`, 'is')
  return (row) => (row[column] === null ? null : wanted.test(String(row[column])))
}

function all(conditions: readonly Condition[]): Condition {
  const [first] = conditions
  if (first === undefined) return always
  if (conditions.length === 1) return first
  return (row) => {
    let truth: Truth = true
    for (const condition of conditions) {
      const each = condition(row)
      if (each === false) return false
      if (each === null) truth = null
    }
    return truth
  }
}

function negated(condition: Condition): Condition {
  return (row) => {
    const truth = condition(row)
    return truth === null ? null : !truth
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

/** The order of SQLite: null before numbers before texts, texts by their bytes. */
export function compare(one: unknown, other: unknown): number {
  if (one === other) return 0
  if (one === null) return -1
  if (other === null) return 1
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : 1
  throw new Error(`the quick client cannot order ${typeof one} and ${typeof other}`)
}

/** True for `{ lt: 3 }`; false for values and for Prisma's own kinds of null. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** SQLite's integers come as numbers. */
function asRead(value: Parameter): string | number | null {
  return typeof value === 'bigint' ? Number(value) : value
}

/** A value as SQLite keeps it. */
export function toStored({ name, type }: Field, value: unknown): Parameter {
  if (value === null) return null
  if (type === 'Json') return isPlain(value) || Array.isArray(value) ? JSON.stringify(value) : null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value
  throw new Error(`the quick client cannot store ${typeof value} in ${name}`)
}

/** A value as the client gives it back. */
export function fromStored({ type }: Field, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (type === 'BigInt') return BigInt(value as number) // SQLite's integers come as numbers
  if (type === 'Boolean') return value === 1
  if (type === 'Json') return JSON.parse(String(value))
  return value
}
