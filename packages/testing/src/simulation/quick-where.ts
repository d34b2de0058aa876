import type { Field, Model, Models } from './quick-models.ts'

export type Parameter = string | number | bigint | null
/** A part of a statement and the values for its question marks. */
export interface Part {
  readonly sql: string
  readonly values: readonly Parameter[]
}

const always: Part = { sql: '1', values: [] }

/** The condition of a `where`, with every column under its table's name. Knows what this repository writes; anything else is refused. */
export function condition(models: Models, model: Model, where: unknown): Part {
  const parts = Object.entries(Object(where)).flatMap(([key, value]): readonly Part[] =>
    value === undefined ? [] : [entry(models, model, key, value)],
  )
  return all(parts)
}

function entry(models: Models, model: Model, key: string, value: unknown): Part {
  if (key === 'AND') return all(listOf(value).map((each) => condition(models, model, each)))
  if (key === 'NOT') return all(listOf(value).map((each) => negated(condition(models, model, each))))
  if (key === 'OR') return any(listOf(value).map((each) => condition(models, model, each)))
  const field = model.fields.get(key)
  if (field !== undefined) return comparison(`"${model.table}"."${field.column}"`, field, value)
  const relation = model.relations.get(key)
  if (relation !== undefined) return related(models, model, key, value)
  // A key of several columns: `host_port: { host, port }`.
  if (key.split('_').every((part) => model.fields.has(part))) return condition(models, model, value)
  throw new Error(`the quick client knows no ${key} of ${model.name}`)
}

function related(models: Models, model: Model, key: string, value: unknown): Part {
  const relation = model.relations.get(key)
  const target = relation === undefined ? undefined : models.get(relation.model)
  if (relation === undefined || target === undefined) throw new Error(`no relation ${key} of ${model.name}`)
  const [how = '', inner] = relation.isList ? (Object.entries(Object(value))[0] ?? []) : ['some', value]
  if (how !== 'some' && how !== 'none') throw new Error(`the quick client knows no ${how} of ${key}`)
  const { sql, values } = condition(models, target, inner)
  const join = `"${target.table}"."${relation.to}" = "${model.table}"."${relation.from}"`
  const exists = { sql: `EXISTS (SELECT 1 FROM "${target.table}" WHERE ${join} AND ${sql})`, values }
  return how === 'some' ? exists : negated(exists)
}

const operators: Readonly<Record<string, string>> = { lt: '<', lte: '<=', gt: '>', gte: '>=' }

function comparison(column: string, field: Field, value: unknown): Part {
  if (!isPlain(value)) return equals(column, field, value)
  const parts = Object.entries(value).flatMap(([operator, operand]): readonly Part[] => {
    if (operand === undefined) return []
    if (operator === 'equals') return [equals(column, field, operand)]
    if (operator === 'not')
      return [
        operand === null ? { sql: `${column} IS NOT NULL`, values: [] } : differs(column, field, operand),
      ]
    if (operator === 'in' || operator === 'notIn')
      return [among(column, field, { operator, list: listOf(operand) })]
    if (operator === 'contains') return [{ sql: `${column} LIKE ?`, values: [`%${String(operand)}%`] }]
    if (operator === 'startsWith') return [{ sql: `${column} LIKE ?`, values: [`${String(operand)}%`] }]
    const sign = operators[operator]
    if (sign === undefined) throw new Error(`the quick client knows no ${operator}`)
    return [{ sql: `${column} ${sign} ?`, values: [toStored(field, operand)] }]
  })
  return all(parts)
}

function equals(column: string, field: Field, value: unknown): Part {
  return value === null
    ? { sql: `${column} IS NULL`, values: [] }
    : { sql: `${column} = ?`, values: [toStored(field, value)] }
}

function differs(column: string, field: Field, value: unknown): Part {
  return { sql: `${column} <> ?`, values: [toStored(field, value)] }
}

function among(
  column: string,
  field: Field,
  { operator, list }: { readonly operator: 'in' | 'notIn'; readonly list: readonly unknown[] },
): Part {
  const marks = list.map(() => '?').join(', ')
  const values = list.map((each) => toStored(field, each))
  return { sql: `${column} ${operator === 'in' ? 'IN' : 'NOT IN'} (${marks})`, values }
}

function all(parts: readonly Part[]): Part {
  return joined(parts, ' AND ', '1')
}

function any(parts: readonly Part[]): Part {
  return joined(parts, ' OR ', '0')
}

function joined(parts: readonly Part[], word: string, none: string): Part {
  const [first] = parts
  if (first === undefined) return none === '1' ? always : { sql: none, values: [] }
  if (parts.length === 1) return first
  return { sql: `(${parts.map(({ sql }) => sql).join(word)})`, values: parts.flatMap(({ values }) => values) }
}

function negated({ sql, values }: Part): Part {
  return { sql: `NOT (${sql})`, values }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

/** True for `{ lt: 3 }`; false for values and for Prisma's own kinds of null. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
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
