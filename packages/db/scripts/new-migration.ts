import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { diffSchemas } from './schema-diff.ts'
import {
  databaseKinds,
  readSchema,
  repositoryRoot,
  type DatabaseKind,
  type SchemaFiles,
} from './schema-source.ts'

/**
 * `new-migration.ts NAME` writes the SQL of what changed in the schema since the last migration, for both databases;
 * `--check` only says whether a migration is missing. No database, no network. Afterwards read the SQL: a migration
 * expands or contracts, and `oldest-program.txt` names the oldest program that can still work with the result.
 */
const usage =
  'usage: npm run migrate:new -w @skykeep/db -- NAME [--oldest-program VERSION]   (NAME: a-z, 0-9, _)'

interface Snapshot {
  readonly kind: DatabaseKind
  readonly folder: string
  readonly schema: SchemaFiles
  readonly sql: string
}

async function snapshot(kind: DatabaseKind): Promise<Snapshot> {
  const folder = path.join(repositoryRoot, 'prisma/migrations', kind)
  const schema = readSchema(kind)
  return { kind, folder, schema, sql: await diffSchemas(kind, lastSchema(folder), schema) }
}

function lastSchema(folder: string): SchemaFiles {
  const file = path.join(folder, 'schema.last.prisma')
  return existsSync(file) ? [['schema.prisma', readFileSync(file, 'utf8')]] : []
}

function write({ kind, folder, schema, sql }: Snapshot, name: string, oldestProgram: string): void {
  const migrationFolder = path.join(folder, name)
  mkdirSync(migrationFolder, { recursive: true })
  writeFileSync(path.join(migrationFolder, 'migration.sql'), sql)
  writeFileSync(path.join(migrationFolder, 'oldest-program.txt'), `${oldestProgram}\n`)
  writeFileSync(path.join(folder, 'migration_lock.toml'), `provider = "${kind}"\n`)
  writeFileSync(path.join(folder, 'schema.last.prisma'), schema.map(([, content]) => content).join('\n'))
  process.stdout.write(`${path.relative(repositoryRoot, path.join(migrationFolder, 'migration.sql'))}\n`)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    'oldest-program': { type: 'string', default: '0.1.0' },
  },
})
const [name] = positionals
const snapshots = await Promise.all(databaseKinds.map(snapshot))
const changed = snapshots.filter((one) => one.sql !== '')
if (values.check) {
  for (const one of changed)
    process.stderr.write(`${one.kind}: the schema has changes without a migration:\n${one.sql}\n`)
  process.exitCode = changed.length === 0 ? 0 : 1
} else if (name === undefined || !/^[a-z0-9_]+$/.test(name)) {
  process.stderr.write(`${usage}\n`)
  process.exitCode = 2
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  for (const one of changed) write(one, `${stamp}_${name}`, values['oldest-program'])
  if (changed.length === 0) process.stdout.write('nothing changed\n')
}
