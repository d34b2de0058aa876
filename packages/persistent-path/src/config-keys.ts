import { retentionFields, retentionRanges, type RetentionLimits } from '@skykeep/core/retention'

/** config.yaml, typed. Every key is optional. */
export interface Config {
  /** As written: not yet expanded. */
  readonly persistentPath?: string
  readonly databaseUrl?: string
  /** 1–64. */
  readonly gatewayProcesses?: number
  /** Where the gateway runs, as the infras name their zones. */
  readonly gatewayZone?: string
  /** 1–65535. */
  readonly webPort?: number
  /** How many backups stay in backups/: 1–1000. */
  readonly backupsKept?: number
  /** Port on which the supervisor says whether this plane is the active one: 1–65535. */
  readonly rolePort?: number
  /** Address of that port; every address of the machine: `0.0.0.0`. */
  readonly roleHost?: string
  /** Size of the disk reserve, MiB: 16–65536. */
  readonly reserveMegabytes?: number
  /** Only the limits that the file names. */
  readonly retention?: Partial<RetentionLimits>
  /** Who may scrape /metrics. */
  readonly metricsAccess?: MetricsAccess
  /** Base address of an OTLP/HTTP receiver. */
  readonly otlpEndpoint?: string
}

/** `token`: whoever shows a token; `loopback`: that, and every program of this machine; `off`: nobody. */
export const metricsAccesses = ['token', 'loopback', 'off'] as const
export type MetricsAccess = (typeof metricsAccesses)[number]

/** What holds where config.yaml says nothing. */
export const configDefaults = {
  gatewayProcesses: 2,
  webPort: 46_580,
  backupsKept: 7,
  roleHost: '127.0.0.1',
  reserveMegabytes: 64,
  metricsAccess: 'token',
} as const

/** What a key means, for people. */
interface Described {
  readonly meaning: string
  /** What holds where it is not there. */
  readonly usual: string
  /** A value that one could write. */
  readonly example: string | number
}

export type ConfigKey = Described &
  (
    | {
        readonly kind: 'text'
        readonly read: (value: string) => Config
        /** What is wrong with a value, such as `must be …`; null: nothing. */
        readonly problemOf?: (value: string) => string | null
      }
    | {
        readonly kind: 'number'
        readonly min: number
        readonly max: number
        readonly read: (value: number) => Config
      }
  )

const text = (
  described: Described,
  read: (value: string) => Config,
  problemOf?: (value: string) => string | null,
): ConfigKey => ({
  kind: 'text',
  ...described,
  read,
  ...(problemOf === undefined ? {} : { problemOf }),
})
const number = (
  [min, max]: readonly [number, number],
  described: Omit<Described, 'example'> & { readonly example?: number },
  read: (value: number) => Config,
): ConfigKey => ({ kind: 'number', min, max, example: Number(described.usual), ...described, read })

/** Every key of config.yaml, with its section: how it is read and what its reference page says. */
export const configKeys: Readonly<Record<string, ConfigKey>> = {
  persistent_path: text(
    {
      meaning:
        'The folder of everything that Skykeep keeps. SKYPILOT_PERSISTENT_PATH wins over it. Changed while Skykeep runs, it is followed without a restart of what it serves.',
      usual: '~/.skykeep',
      example: '/data/skykeep',
    },
    (persistentPath) => ({ persistentPath }),
  ),
  'database.url': text(
    {
      meaning: 'PostgreSQL instead of SQLite: `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.',
      usual: 'SQLite: state.db in the persistent path',
      example: 'postgres://skykeep:secret@db.example.com:5432/skykeep',
    },
    (databaseUrl) => ({ databaseUrl }),
  ),
  'gateway.processes': number(
    [1, 64],
    {
      meaning:
        'How many gateway processes serve together; with two or more, no request is refused when one dies.',
      usual: String(configDefaults.gatewayProcesses),
    },
    (gatewayProcesses) => ({ gatewayProcesses }),
  ),
  'gateway.zone': text(
    {
      meaning:
        'Where the gateway runs, as the infras name their zones: for services with `load_balancer.prefer_same_zone`.',
      usual: 'none: all replicas are alike',
      example: 'us-east-1a',
    },
    (gatewayZone) => ({ gatewayZone }),
    (value) => (/^[\w.-]{1,64}$/.test(value) ? null : 'must be 1 to 64 letters, digits, dots, hyphens'),
  ),
  'web.port': number(
    [1, 65_535],
    { meaning: 'Port of the dashboard and the API, on 127.0.0.1.', usual: String(configDefaults.webPort) },
    (webPort) => ({ webPort }),
  ),
  'backup.keep': number(
    [1, 1000],
    {
      meaning: 'How many backups stay in backups/; older ones are removed.',
      usual: String(configDefaults.backupsKept),
    },
    (backupsKept) => ({ backupsKept }),
  ),
  'role.port': number(
    [1, 65_535],
    {
      meaning: 'Port on which GET /role is 200 only where the active control plane is, for a load balancer.',
      usual: 'none: only the dashboard answers it',
      example: 8500,
    },
    (rolePort) => ({ rolePort }),
  ),
  'role.host': text(
    {
      meaning: 'Address of that port; `0.0.0.0` for every address of the machine.',
      usual: configDefaults.roleHost,
      example: '0.0.0.0',
    },
    (roleHost) => ({ roleHost }),
  ),
  'storage.reserve_mb': number(
    [16, 65_536],
    {
      meaning: 'MiB of disk that are kept for the database, and given back when the disk is full.',
      usual: String(configDefaults.reserveMegabytes),
    },
    (reserveMegabytes) => ({ reserveMegabytes }),
  ),
  'telemetry.metrics': text(
    {
      meaning:
        'Who may scrape /metrics of the dashboard: `token` (any bearer token of ours), `loopback` (also every program of this machine, without one), `off`.',
      usual: configDefaults.metricsAccess,
      example: 'loopback',
    },
    (value) => {
      const metricsAccess = metricsAccesses.find((each) => each === value)
      return metricsAccess === undefined ? {} : { metricsAccess }
    },
    (value) =>
      metricsAccesses.some((each) => each === value) ? null : `must be one of ${metricsAccesses.join(', ')}`,
  ),
  'telemetry.otlp_endpoint': text(
    {
      meaning:
        'Where traces are sent: base address of an OTLP/HTTP receiver. OTEL_EXPORTER_OTLP_ENDPOINT wins over it.',
      usual: 'none: nothing is traced',
      example: 'http://127.0.0.1:4318',
    },
    (otlpEndpoint) => ({ otlpEndpoint }),
    (value) =>
      /^https?:\/\/[^\s@]+$/.test(value) && URL.canParse(value)
        ? null
        : 'must be an http or https address without credentials',
  ),
  ...Object.fromEntries(
    retentionFields.map((field) => {
      const { key, usual, min, max, meaning } = retentionRanges[field]
      const described = { meaning: `How much of the past is kept: ${meaning}.`, usual: String(usual) }
      return [
        `retention.${key}`,
        number([min, max], described, (value) => ({ retention: { [field]: value } })),
      ]
    }),
  ),
}

/** The mappings that keys stand in. */
export const configSections: ReadonlySet<string> = new Set(
  Object.keys(configKeys).flatMap((key) => (key.includes('.') ? [key.slice(0, key.indexOf('.'))] : [])),
)
