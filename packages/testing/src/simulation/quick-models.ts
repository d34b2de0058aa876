import type Sqlite from 'better-sqlite3'

export interface Field {
  readonly name: string
  readonly column: string
  readonly type: string
}

/** A relation to another model, as one pair of columns. */
export interface Relation {
  readonly model: string
  readonly isList: boolean
  /** Column here, and the column there that equals it. */
  readonly from: string
  readonly to: string
}

export interface Model {
  readonly name: string
  readonly table: string
  readonly fields: ReadonlyMap<string, Field>
  readonly relations: ReadonlyMap<string, Relation>
}

export type Models = ReadonlyMap<string, Model>

interface RuntimeField {
  readonly name: string
  readonly kind: string
  readonly type: string
  readonly dbName?: string
}
interface RuntimeModel {
  readonly dbName: string | null
  readonly fields: readonly RuntimeField[]
}
interface ForeignKey {
  readonly table: string
  readonly from: string
  readonly to: string
}

/** Reads what a Prisma client knows of the schema, and from the database how tables refer to each other. By delegate name. */
export function readModels(client: object, connection: Sqlite.Database): Models {
  const runtime: unknown = Reflect.get(client, '_runtimeDataModel')
  // The client's own description of its schema; a version that keeps it elsewhere fails here.
  const { models } = runtime as { readonly models: Readonly<Record<string, RuntimeModel>> }
  const tableOf = (model: string): string => models[model]?.dbName ?? model
  const keysOf = (table: string): readonly ForeignKey[] =>
    // The columns of SQLite's own pragma.
    connection.pragma(`foreign_key_list("${table}")`) as ForeignKey[]
  const relationOf = (table: string, { type }: RuntimeField): Relation => {
    const own = keysOf(table).find((key) => key.table === tableOf(type))
    if (own !== undefined) return { model: type, isList: false, from: own.from, to: own.to }
    const theirs = keysOf(tableOf(type)).find((key) => key.table === table)
    if (theirs === undefined) throw new Error(`no key between ${table} and ${type}`)
    return { model: type, isList: theirs.from !== 'uid', from: theirs.to, to: theirs.from }
  }
  const entries = Object.entries(models).map(([name, { fields }]): readonly [string, Model] => {
    const table = tableOf(name)
    const scalars = fields.filter(({ kind }) => kind !== 'object')
    const objects = fields.filter(({ kind }) => kind === 'object')
    const model = {
      name,
      table,
      fields: new Map(
        scalars.map((field) => [
          field.name,
          { name: field.name, column: field.dbName ?? field.name, type: field.type },
        ]),
      ),
      relations: new Map(objects.map((field) => [field.name, relationOf(table, field)])),
    }
    return [name, model]
  })
  return new Map(entries)
}
