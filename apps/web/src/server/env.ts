import { join } from 'node:path'
import { readerOf, type EnvironmentVariables } from '@skykeep/core/environment'
import { SkykeepError } from '@skykeep/core/errors'
import { retentionWith, type RetentionLimits } from '@skykeep/core/retention'
import { metricsAccesses, type MetricsAccess } from '@skykeep/persistent-path/config-keys'

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
  readonly metricsAccess: MetricsAccess
  /** Limits that the worker was started with, to be shown. */
  readonly retention: RetentionLimits
  /** Where traces are sent (OTLP over HTTP); undefined: nowhere. */
  readonly otlpEndpoint: string | undefined
  /** What a tool of this build that is started for a person gets of this environment. */
  readonly toolEnvironment: Readonly<Record<string, string>>
}

/** Every variable that the dashboard and its API read. */
export const webVariables = {
  SKYKEEP_PERSISTENT_PATH: { meaning: 'The persistent path, absolute and resolved.' },
  SKYKEEP_DATABASE_URL: {
    meaning: 'The database: `file:PATH` or `postgres://…`.',
    usual: 'state.db under the persistent path',
  },
  SKYKEEP_FENCE: { meaning: "The plane's fencing number.", usual: 'none: it was started alone' },
  SKYKEEP_BUILD: { meaning: 'Folder of the build that it came from.', usual: 'the working folder' },
  SKYKEEP_MIGRATIONS_DIR: { meaning: 'Folder of the migrations.', usual: 'migrations/ of the build' },
  SKYKEEP_MASTER_KEY: {
    meaning: 'The master key, where it is no file of the persistent path.',
    usual: 'keys/master.key',
  },
  SKYKEEP_ALLOWED_HOSTS: {
    meaning: 'Further values of the Host header that are ours (a proxy in front), separated by commas.',
    usual: 'none',
  },
  SKYKEEP_METRICS_ACCESS: {
    meaning: 'Who may scrape /metrics: `token`, `loopback` or `off`; `telemetry.metrics` of config.yaml.',
    usual: 'token',
  },
  SKYKEEP_RETENTION: { meaning: '`retention:` of config.yaml, as JSON.', usual: 'the usual limits' },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    meaning: 'Where traces are sent: base address of an OTLP/HTTP receiver.',
    usual: 'nowhere',
  },
  PORT: { meaning: 'Port that it listens on: `web.port` of config.yaml.', usual: '3000' },
  NODE_ENV: { meaning: '`production` in a build, `development` for those who work on it.' },
} as const satisfies EnvironmentVariables

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
    metricsAccess: metricsAccesses.find((each) => each === optional('SKYKEEP_METRICS_ACCESS')) ?? 'token',
    retention: retentionIn(optional('SKYKEEP_RETENTION')),
    otlpEndpoint: optional('OTEL_EXPORTER_OTLP_ENDPOINT'),
    toolEnvironment: toolEnvironment(),
  }
}

/** The port that this process listens on; Next sets it once it does, also when it was asked for any free one. */
export function listeningPort(): number {
  return Number(optional('PORT') ?? '3000')
}

/** Further values of the Host header that are ours (a proxy in front), comma-separated in SKYKEEP_ALLOWED_HOSTS. */
export function allowedHosts(): readonly string[] {
  const named = optional('SKYKEEP_ALLOWED_HOSTS') ?? ''
  return named.split(',').flatMap((host) => (host.trim() === '' ? [] : [host.trim().toLowerCase()]))
}

export function isDevelopment(): boolean {
  return optional('NODE_ENV') === 'development'
}

function retentionIn(text: string | undefined): RetentionLimits {
  try {
    return retentionWith(Object(JSON.parse(text ?? '{}')))
  } catch (cause) {
    throw new SkykeepError('INVALID_INPUT', 'SKYKEEP_RETENTION is not what `skykeep up` sets', { cause })
  }
}

function toolEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    toolVariables.flatMap((name) => {
      const value = process.env[name]
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
}

function optional(name: keyof typeof webVariables): string | undefined {
  return readerOf(webVariables, process.env)(name)
}

function required(name: keyof typeof webVariables): string {
  const value = optional(name)
  if (value !== undefined) return value
  throw new SkykeepError('INVALID_INPUT', `${name} is not set`, {
    hint: 'Start the dashboard with `npx skykeep up`.',
  })
}
