import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Clock } from '@skykeep/core/clock'
import { openDatabase, type OpenOptions } from '@skykeep/db/connect'
import { databaseKindOf, type DatabaseKind } from '@skykeep/db/database-url'
import type { Database } from '@skykeep/db/handles'
import { ensureInstallation } from '@skykeep/db/installation'
import { migrate } from '@skykeep/db/migrate'
import { Client } from 'pg'
import { afterAll, describe } from 'vitest'
import { migrationsDir, programVersion } from './migrations.ts'
import { systemClock } from './system-clock.ts'

/** Where new databases come from, of one kind. */
export interface DatabaseSource {
  readonly kind: DatabaseKind
  /** An empty database of its own; it goes when the suite ends. */
  createEmpty(): Promise<string>
  /** A migrated database with an installation, opened; closed and gone when the suite ends. */
  create(options?: Partial<Omit<OpenOptions, 'url'>>): Promise<TestDatabase>
  /** One more open handle on a database, as another process would have; closed when the suite ends. */
  open(url: string, options?: Partial<Omit<OpenOptions, 'url'>>): Promise<Database>
}

export interface TestDatabase {
  readonly url: string
  readonly database: Database
}

const serverUrl = process.env['SKYKEEP_TEST_POSTGRES_URL']

/** Runs one suite on SQLite and on PostgreSQL; without a PostgreSQL server that half is skipped, with the reason in its name. */
export function forEachDatabase(name: string, suite: (source: DatabaseSource) => void): void {
  describe(`${name} on SQLite`, () => {
    suite(sourceOf('sqlite'))
  })
  const why = serverUrl === undefined ? ' (skipped: SKYKEEP_TEST_POSTGRES_URL is not set)' : ''
  describe.skipIf(serverUrl === undefined)(`${name} on PostgreSQL${why}`, () => {
    suite(sourceOf('postgresql'))
  })
}

/** Brings a database to the newest schema with an installation in it. */
export async function prepareDatabase(
  url: string,
  clock: Clock = systemClock,
  installationUid = `ins_${randomBytes(8).toString('hex')}`,
): Promise<void> {
  await migrate({ url, migrationsDir, clock, programVersion })
  const database = await openDatabase({ url, clock })
  await ensureInstallation(database, installationUid)
  await database.close()
}

function sourceOf(kind: DatabaseKind): DatabaseSource {
  const cleanups: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    for (const cleanup of cleanups.toReversed()) await cleanup()
  })
  const createEmpty = (): Promise<string> =>
    kind === 'sqlite' ? createFile(cleanups) : createOnServer(cleanups)
  const open: DatabaseSource['open'] = async (url, options) => {
    const database = await openDatabase({ clock: systemClock, ...options, url })
    cleanups.push(() => database.close())
    return database
  }
  const create: DatabaseSource['create'] = async (options) => {
    const url = await createEmpty()
    await prepareDatabase(url)
    return { url, database: await open(url, options) }
  }
  return { kind, createEmpty, create, open }
}

async function createFile(cleanups: (() => Promise<unknown>)[]): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'skykeep-db-'))
  cleanups.push(() => rm(folder, { recursive: true, force: true }))
  return `file:${path.join(folder, 'state.db')}`
}

async function createOnServer(cleanups: (() => Promise<unknown>)[]): Promise<string> {
  const name = `skykeep_${randomBytes(8).toString('hex')}`
  await onServer(`CREATE DATABASE "${name}"`)
  cleanups.push(() => onServer(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`))
  const url = new URL(serverUrl ?? '')
  url.pathname = `/${name}`
  return url.href
}

async function onServer(sql: string): Promise<void> {
  const url = new URL(serverUrl ?? '')
  if (databaseKindOf(url.href) !== 'postgresql')
    throw new Error('SKYKEEP_TEST_POSTGRES_URL is not a PostgreSQL URL')
  if (url.pathname.length <= 1) url.pathname = '/postgres'
  const client = new Client({ connectionString: url.href })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
