import { spawnSync } from 'node:child_process'

/** A database that a whole plane is walked on. */
export interface PlaneDatabase {
  /** As `state backups` and `system status` name it. */
  readonly kind: 'sqlite' | 'postgresql'
  readonly title: string
  readonly isThere: boolean
  /** Makes an empty one; undefined: the plane makes its own file. */
  create(): string | undefined
}

const server = process.env['SKYKEEP_TEST_POSTGRES_URL']
let made = 0

function createOnServer(): string {
  made += 1
  const name = `e2e_${process.pid}_${made}`
  const { status, stderr } = spawnSync('psql', [server ?? '', '-c', `CREATE DATABASE ${name}`])
  if (status !== 0) throw new Error(`no database on the server that was given: ${stderr.toString()}`)
  return `${server}/${name}`
}

/** Each database; PostgreSQL's tests are skipped by name where no server was given. */
export const planeDatabases: readonly PlaneDatabase[] = [
  { kind: 'sqlite', title: 'on SQLite', isThere: true, create: () => undefined },
  {
    kind: 'postgresql',
    title: server === undefined ? 'on PostgreSQL (no server was given)' : 'on PostgreSQL',
    isThere: server !== undefined,
    create: createOnServer,
  },
]
