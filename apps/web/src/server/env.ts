import { join } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'

export interface WebEnv {
  /** Absolute; set by the supervisor. */
  readonly persistentPath: string
  /** `file:PATH` or `postgres://…`. */
  readonly databaseUrl: string
  /** The plane's fencing number; null when the process was started alone. */
  readonly fence: number | null
  /** The build folder, as the supervisor names it. */
  readonly build: string
  readonly migrationsDir: string
  /** Master key given by the environment, else it is a file of the persistent path. */
  readonly masterKey: string | undefined
  /** What a tool of this build that is started for a person gets of this environment. */
  readonly toolEnvironment: Readonly<Record<string, string>>
}

/** It may have to start a control plane anew, hence the master key. */
const toolVariables = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SKYKEEP_CONFIG',
  'SKYPILOT_PERSISTENT_PATH',
  'SKYKEEP_MASTER_KEY',
]

/** The environment of this process. Read when first needed, so that a build needs none. Throws INVALID_INPUT that names the variable. */
export function readEnv(): WebEnv {
  const persistentPath = required('SKYKEEP_PERSISTENT_PATH')
  const build = optional('SKYKEEP_BUILD') ?? process.cwd()
  const fence = optional('SKYKEEP_FENCE')
  if (fence !== undefined && !/^\d{1,15}$/.test(fence)) {
    throw new SkykeepError('INVALID_INPUT', `SKYKEEP_FENCE is no number: ${fence}`)
  }
  return {
    persistentPath,
    databaseUrl: optional('SKYKEEP_DATABASE_URL') ?? `file:${join(persistentPath, 'state.db')}`,
    fence: fence === undefined ? null : Number(fence),
    build,
    migrationsDir: optional('SKYKEEP_MIGRATIONS_DIR') ?? join(build, 'migrations'),
    masterKey: optional('SKYKEEP_MASTER_KEY'),
    toolEnvironment: toolEnvironment(),
  }
}

/** The port that this process listens on; Next sets it once it does, also when it was asked for any free one. */
export function listeningPort(): number {
  return Number(process.env['PORT'] ?? '3000')
}

/** Further values of the Host header that are ours (a proxy in front), comma-separated in SKYKEEP_ALLOWED_HOSTS. */
export function allowedHosts(): readonly string[] {
  const named = optional('SKYKEEP_ALLOWED_HOSTS') ?? ''
  return named.split(',').flatMap((host) => (host.trim() === '' ? [] : [host.trim().toLowerCase()]))
}

export function isDevelopment(): boolean {
  return process.env.NODE_ENV === 'development'
}

function toolEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    toolVariables.flatMap((name) => {
      const value = optional(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function optional(name: string): string | undefined {
  const value = process.env[name]
  return value === undefined || value === '' ? undefined : value
}

function required(name: string): string {
  const value = optional(name)
  if (value !== undefined) return value
  throw new SkykeepError('INVALID_INPUT', `${name} is not set`, {
    hint: 'Start the dashboard with `npx skykeep up`.',
  })
}
