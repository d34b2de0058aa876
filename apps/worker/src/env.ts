import { isAbsolute, join } from 'node:path'
import { readerOf, type EnvironmentVariables } from '@skykeep/core/environment'
import { SkykeepError } from '@skykeep/core/errors'
import { retentionWith, type RetentionLimits } from '@skykeep/core/retention'
import { defaultReserveBytes } from '@skykeep/persistent-path/disk-reserve'
import type { SimZone } from '@skykeep/provider-sim/sim-catalog'
import { readSimZones } from '@skykeep/provider-sim/sim-settings'

export interface WorkerEnv {
  /** Absolute, resolved. */
  readonly persistentPath: string
  /** `file:PATH` or `postgres://…`. */
  readonly databaseUrl: string
  /** The plane's fencing number; null when the worker was started alone: then it takes the installation's. */
  readonly fence: number | null
  readonly build: string
  readonly migrationsDir: string
  /** Shell scripts of the node runtime. */
  readonly scriptsDir: string
  /** PATH of the jobs on `local`. */
  readonly jobPath: string
  readonly masterKey: string | undefined
  /** Length of a lease, milliseconds. */
  readonly leaseMs: number
  readonly retention: RetentionLimits
  /** Size of the disk reserve, bytes. */
  readonly reserveBytes: number
  /** Where the gateway runs, as the infras name their zones; undefined: nobody said. */
  readonly gatewayZone: string | undefined
  /** Zones of the simulated cloud. */
  readonly simZones: readonly SimZone[]
  /** Where traces are sent (OTLP over HTTP); undefined: nowhere. */
  readonly otlpEndpoint: string | undefined
}

const defaultLeaseMs = 15_000
const leastLeaseMs = 1_000

/** Every variable that a worker reads. */
export const workerVariables = {
  SKYKEEP_PERSISTENT_PATH: { meaning: 'The persistent path, absolute and resolved.' },
  SKYKEEP_DATABASE_URL: {
    meaning: 'The database: `file:PATH` or `postgres://…`.',
    usual: 'state.db under the persistent path',
  },
  SKYKEEP_FENCE: {
    meaning: "The plane's fencing number: a worker of an older one is refused.",
    usual: "the installation's",
  },
  SKYKEEP_BUILD: { meaning: 'Folder of the build that it came from.', usual: 'the working folder' },
  SKYKEEP_MIGRATIONS_DIR: { meaning: 'Folder of the migrations.', usual: 'migrations/ of the build' },
  SKYKEEP_SCRIPTS_DIR: {
    meaning: 'Folder of the shell scripts that run on a node.',
    usual: 'node-runtime/ of the build',
  },
  SKYKEEP_JOB_PATH: { meaning: 'PATH of the jobs on `local`.', usual: 'its own PATH' },
  PATH: { meaning: 'Where programs are found.', usual: '/usr/local/bin:/usr/bin:/bin' },
  SKYKEEP_MASTER_KEY: {
    meaning: 'The master key, where it is no file of the persistent path.',
    usual: 'keys/master.key',
  },
  SKYKEEP_LEASE_MS: {
    meaning: 'Length of a lease, milliseconds, at least 1000.',
    usual: String(defaultLeaseMs),
  },
  SKYKEEP_RETENTION: { meaning: '`retention:` of config.yaml, as JSON.', usual: 'the usual limits' },
  SKYKEEP_RESERVE_BYTES: {
    meaning: 'Size of the disk reserve, bytes: `storage.reserve_mb` of config.yaml.',
    usual: String(defaultReserveBytes),
  },
  SKYKEEP_GATEWAY_ZONE: {
    meaning: 'Where the gateway runs, as the infras name their zones: `gateway.zone` of config.yaml.',
    usual: 'nobody said',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    meaning: 'Where traces are sent: base address of an OTLP/HTTP receiver.',
    usual: 'nowhere',
  },
  SKYKEEP_SIM: {
    meaning: 'Settings of the simulated cloud, as JSON: bootMs, meanSpotLifeMs, noticeMs, stock.',
    usual: '{}',
  },
} as const satisfies EnvironmentVariables

/** Reads the environment of this process, once. @throws INVALID_INPUT that names the variable. */
export function readEnv(all: Readonly<Record<string, string | undefined>> = process.env): WorkerEnv {
  const optional = readerOf(workerVariables, all)
  const persistentPath = optional('SKYKEEP_PERSISTENT_PATH') ?? ''
  if (!isAbsolute(persistentPath)) {
    throw new SkykeepError('INVALID_INPUT', 'SKYKEEP_PERSISTENT_PATH must be an absolute path', {
      hint: 'Start the worker with `skykeep up`, which sets it.',
    })
  }
  const build = optional('SKYKEEP_BUILD') ?? process.cwd()
  return {
    persistentPath,
    databaseUrl: optional('SKYKEEP_DATABASE_URL') ?? `file:${join(persistentPath, 'state.db')}`,
    fence: numberIn(optional('SKYKEEP_FENCE'), 'SKYKEEP_FENCE') ?? null,
    build,
    migrationsDir: optional('SKYKEEP_MIGRATIONS_DIR') ?? join(build, 'migrations'),
    scriptsDir: optional('SKYKEEP_SCRIPTS_DIR') ?? join(build, 'node-runtime'),
    jobPath: optional('SKYKEEP_JOB_PATH') ?? optional('PATH') ?? '/usr/local/bin:/usr/bin:/bin',
    masterKey: optional('SKYKEEP_MASTER_KEY'),
    leaseMs: Math.max(
      leastLeaseMs,
      numberIn(optional('SKYKEEP_LEASE_MS'), 'SKYKEEP_LEASE_MS') ?? defaultLeaseMs,
    ),
    retention: retentionWith(objectIn(optional('SKYKEEP_RETENTION'), 'SKYKEEP_RETENTION')),
    reserveBytes: numberIn(optional('SKYKEEP_RESERVE_BYTES'), 'SKYKEEP_RESERVE_BYTES') ?? defaultReserveBytes,
    gatewayZone: optional('SKYKEEP_GATEWAY_ZONE'),
    simZones: readSimZones(objectIn(optional('SKYKEEP_SIM'), 'SKYKEEP_SIM')),
    otlpEndpoint: optional('OTEL_EXPORTER_OTLP_ENDPOINT'),
  }
}

function objectIn(text: string | undefined, name: string): object {
  if (text === undefined) return {}
  try {
    return Object(JSON.parse(text))
  } catch (cause) {
    throw new SkykeepError('INVALID_INPUT', `${name} must be JSON`, { cause })
  }
}

function numberIn(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new SkykeepError('INVALID_INPUT', `${name} must be a whole number, not ${JSON.stringify(text)}`)
}
