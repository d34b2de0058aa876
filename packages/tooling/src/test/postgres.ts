import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runCommand } from './run-command.ts'

export interface TestPostgres {
  /** URL of the server, without a database. */
  readonly url: string
  readonly stop: () => Promise<void>
}

/** A PostgreSQL of its own, started from what the machine has or can install; a reason where there is none. */
export async function startPostgres(): Promise<TestPostgres | { readonly reason: string }> {
  const bin = await findOrInstall()
  if (bin === undefined) return { reason: 'no PostgreSQL server here, and none could be installed' }
  const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-postgres-'))
  const asUser = await unprivileged(folder)
  const target = path.join(folder, 'db')
  const initialise = [path.join(bin, 'initdb'), '-D', target, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8']
  const [command = '', ...args] = [...asUser, ...initialise, '--locale=C', '--no-sync', '--no-instructions']
  const made = await runCommand(command, args)
  if (made.code !== 0) {
    rmSync(folder, { recursive: true, force: true })
    return { reason: `initdb failed: ${made.output.trim().split('\n').at(-1) ?? ''}` }
  }
  return await launch({ bin, asUser, target, folder })
}

interface Prepared {
  readonly bin: string
  readonly asUser: readonly string[]
  readonly target: string
  readonly folder: string
}

async function launch({ bin, asUser, target, folder }: Prepared): Promise<TestPostgres> {
  const port = await freePort()
  const serverCommand = [
    path.join(bin, 'postgres'),
    '-D',
    target,
    '-k',
    folder,
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
  ]
  const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200']
  const [command = '', ...args] = [
    ...asUser,
    ...serverCommand,
    ...settings.flatMap((setting) => ['-c', setting]),
  ]
  const server = spawn(command, args, { stdio: 'ignore' })
  await untilListening(port)
  return {
    url: `postgresql://postgres@127.0.0.1:${port}`,
    stop: async () => {
      await stopServer(server)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function stopServer(server: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGINT')
  await ended
}

async function findOrInstall(): Promise<string | undefined> {
  const found = await find()
  if (found !== undefined || process.getuid?.() !== 0) return found
  await runCommand('apt-get', ['update', '-q'])
  await runCommand('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'postgresql'], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  })
  return await find()
}

async function find(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql'
  if (existsSync(debian)) {
    const newest = readdirSync(debian).toSorted((a, b) => Number(b) - Number(a))[0]
    if (newest !== undefined) return path.join(debian, newest, 'bin')
  }
  const which = await runCommand('which', ['initdb'])
  return which.code === 0 ? path.dirname(which.output.trim()) : undefined
}

/** PostgreSQL refuses root: as root, the prefix that runs a command as `postgres` or `nobody`, with the folder theirs. */
async function unprivileged(folder: string): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return []
  for (const user of ['postgres', 'nobody']) {
    const id = await runCommand('id', ['-u', user])
    if (id.code !== 0) continue
    const uid = Number(id.output.trim())
    chownSync(folder, uid, uid)
    chmodSync(folder, 0o700)
    return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  }
  return []
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port from the system')
  return address.port
}

async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + 20_000
  while (performance.now() < deadline) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('PostgreSQL did not listen within 20 s')
}
