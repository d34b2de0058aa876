import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ensureInstallation } from '@skykeep/db/installation'
import { migrate } from '@skykeep/db/migrate'
import { openDatabase } from '@skykeep/db/connect'
import type { Database } from '@skykeep/db/handles'
import { type Layout } from '@skykeep/persistent-path/layout'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { createKeyFile } from '@skykeep/secrets/key-file'
import { migrationsDir, programVersion } from '@skykeep/testing/migrations'
import { systemClock } from '@skykeep/testing/system-clock'
import { until } from '@skykeep/testing/until'

/** The dashboard's server alone, on a fresh persistent path whose rows the test writes as actions and controllers do. */
export interface WebProcess {
  readonly origin: string
  readonly layout: Layout
  readonly db: Database
  /** A sign-in link, made as the command line makes it. */
  signInLink(): Promise<string>
  /** The process's own log. */
  log(): string
  /** Kills it and waits until it is gone, with its port. */
  kill(): Promise<void>
  start(): Promise<void>
  destroy(): Promise<void>
}

const web = path.resolve(import.meta.dirname, '../..')

export async function startWebProcess(): Promise<WebProcess> {
  const { layout } = preparePath(mkdtempSync(path.join(tmpdir(), 'skykeep-e2e-')), true)
  const url = `file:${layout.stateDb}`
  createKeyFile(layout.masterKey)
  await migrate({ url, migrationsDir, clock: systemClock, programVersion })
  const db = await openDatabase({ url, clock: systemClock })
  const installation = await ensureInstallation(db, 'ins_e2e0000000000000000')
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const logFile = layout.processLog('web')
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const output = openSync(logFile, 'a', 0o600)
    child = spawn(process.execPath, [serverScript()], {
      stdio: ['ignore', output, output],
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_ENV: 'production',
        HOSTNAME: '127.0.0.1',
        PORT: String(port),
        SKYKEEP_PERSISTENT_PATH: layout.root,
        SKYKEEP_DATABASE_URL: url,
        SKYKEEP_FENCE: String(installation.fence),
        SKYKEEP_MIGRATIONS_DIR: migrationsDir,
      },
    })
    await until('the dashboard answers', async () => {
      const response = await fetch(`${origin}/role`).catch(() => undefined)
      return response?.status === 200
    })
  }
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  await start()
  return {
    origin,
    layout,
    db,
    start,
    log: () => readFileSync(logFile, 'utf8'),
    kill,
    signInLink: () => signInLink(origin, readFileSync(layout.localToken, 'utf8').trim()),
    destroy: async () => {
      await kill()
      await db.close()
      rmSync(layout.root, { recursive: true, force: true })
    },
  }
}

async function signInLink(origin: string, token: string): Promise<string> {
  const response = await fetch(`${origin}/api/trpc/auth.createSignInCode`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
  })
  const answer: unknown = await response.json()
  const link: unknown = Object(Object(Object(Object(answer).result).data).json).url
  if (typeof link !== 'string') throw new Error(`no sign-in link: ${JSON.stringify(answer)}`)
  return link
}

/** The built server: of the build folder that the tests were given, else of this workspace's own build. */
function serverScript(): string {
  const build = process.env['SKYKEEP_BUILD'] ?? process.env['SKYKEEP_TEST_BUILD']
  if (build !== undefined) return path.join(build, 'web/apps/web/server.js')
  const dist = process.env['SKYKEEP_DIST_DIR'] ?? '.next'
  const standalone = path.join(web, dist, 'standalone/apps/web')
  if (!existsSync(standalone)) throw new Error('no build: run `npm run build -w @skykeep/web` first')
  cpSync(path.join(web, dist, 'static'), path.join(standalone, dist, 'static'), { recursive: true })
  return path.join(standalone, 'server.js')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}
