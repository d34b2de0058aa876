import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const repositoryRoot = path.resolve(import.meta.dirname, '../../..')
export const schemaFolder = path.join(repositoryRoot, 'prisma/schema')
export const databaseKinds = ['sqlite', 'postgresql'] as const
export type DatabaseKind = (typeof databaseKinds)[number]
export type SchemaFiles = readonly (readonly [name: string, content: string])[]

/** The schema as written (for SQLite), or the PostgreSQL schema derived from it, by file name in order. */
export function readSchema(kind: DatabaseKind): SchemaFiles {
  return readdirSync(schemaFolder)
    .filter((name) => name.endsWith('.prisma'))
    .toSorted()
    .map((name) => {
      const content = readFileSync(path.join(schemaFolder, name), 'utf8')
      return [name, kind === 'sqlite' ? content : toPostgresql(content)] as const
    })
}

function toPostgresql(content: string): string {
  return content
    .replace('provider = "sqlite"', 'provider = "postgresql"')
    .replace('packages/db/src/generated/sqlite"', 'src/generated/postgresql"')
}
