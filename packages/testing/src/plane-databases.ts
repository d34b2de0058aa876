import { spawnSync } from 'node:child_process'

/** A database that a whole plane is tried on. */
export interface PlaneDatabase {
  /** As `state backups` and `system status` name it. */
  readonly kind: 'sqlite' | 'postgresql'
  readonly title: string
  readonly isThere: boolean
  /** Makes an empty one: what to give to `TestPlane.create`. @throws Error where the server refuses. */
  create(): { readonly databaseUrl?: string }
}

const server = process.env['SKYKEEP_TEST_POSTGRES_URL']
let made = 0

function createOnServer(): { readonly databaseUrl: string } {
  made += 1
  const name = `plane_${process.pid}_${made}`
  const { status, stderr } = spawnSync('psql', [server ?? '', '-c', `CREATE DATABASE ${name}`])
  if (status !== 0) throw new Error(`no database on the server that was given: ${String(stderr)}`)
  return { databaseUrl: `${server}/${name}` }
}

/** Each database; PostgreSQL's tests are skipped by name where no server was given. */
export const planeDatabases: readonly PlaneDatabase[] = [
  { kind: 'sqlite', title: 'on SQLite', isThere: true, create: () => ({}) },
  {
    kind: 'postgresql',
    title: `on PostgreSQL${server === undefined ? ' (skipped: SKYKEEP_TEST_POSTGRES_URL is not set)' : ''}`,
    isThere: server !== undefined,
    create: createOnServer,
  },
]
