import { join } from 'node:path'
import type { RetentionLimits } from '@skykeep/core/retention'
import type { MetricsAccess } from '@skykeep/persistent-path/config-keys'
import { cacheEnvironment, type Layout } from '@skykeep/persistent-path/layout'

export type Role = 'web' | 'worker' | 'gateway'

/** How a process is asked whether it lives. */
export type HealthTarget =
  | { readonly kind: 'socket'; readonly socket: string }
  | { readonly kind: 'port'; readonly port: number; readonly path: string }

/** Everything that is needed to start one process and to ask after it. */
export interface ProcessSpec {
  readonly name: string
  readonly role: Role
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly health: HealthTarget
  readonly build: string
  readonly cwd: string
  readonly port?: number
  readonly socket?: string
}

export interface SpecSource {
  readonly layout: Layout
  /** The Node binary of the build. */
  readonly node: string
  /** The build folder. */
  readonly build: string
  /** What this process was started with; only a listed set of it is passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly databaseUrl: string
  readonly webPort: number
  readonly gatewayProcesses: number
  /** Where the gateway runs, as the infras name their zones. */
  readonly gatewayZone?: string | undefined
  /** Limits that config.yaml names. */
  readonly retention?: Partial<RetentionLimits>
  /** Size of the disk reserve, bytes; 64 MiB unless told. */
  readonly reserveBytes?: number
  /** Who may scrape /metrics. */
  readonly metricsAccess?: MetricsAccess
  /** Where traces go. */
  readonly otlpEndpoint?: string
  /** Other command lines, for tests. */
  readonly commands?: Partial<Record<Role, readonly string[]>>
}

/**
 * What V8 may take for a program whose work is small and steady. Its young generation would grow to 48 MiB and stay so, and each thread that
 * compiles has an arena of its own: 40 MiB less a process, measured, for a share of its time too small to be measured.
 */
export const thriftyFlags: readonly string[] = ['--max-semi-space-size=4', '--v8-pool-size=1']

/** A cursor of the logs of a thousand replicas stands in a query: Node takes 16 KiB of a request's head, and 431 is no answer to that. */
const webFlags: readonly string[] = [...thriftyFlags, '--max-http-header-size=65536']

/**
 * A gateway process is one of several, each of which keeps one core busy: threads that collect garbage beside it would take that core from its
 * sibling. An eighth less core time a request at full load, measured (`bench/gateway`). It collects what large bodies leave when it is
 * time (`young-buffers.ts`), for which V8 has to let it: a fifth to a third more bytes a second. Its young generation, which would grow to
 * 48 MiB within hours, stays small: 36 MiB less, no more core time, and shorter collections: the slowest hundredth of requests waits a sixth less.
 */
export const gatewayFlags: readonly string[] = [
  '--single-threaded-gc',
  '--expose-gc',
  '--max-semi-space-size=4',
]

/** Of the caller's environment only these go on; no credentials, no NODE_OPTIONS. */
export const passedOn: readonly string[] = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'TZ',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
]

/** The three things that a supervisor starts. The gateway is its leader: it starts its siblings itself. */
export function processSpecs(source: SpecSource, fence: number): Readonly<Record<Role, ProcessSpec>> {
  const { layout, node, build, webPort } = source
  const fenced = {
    SKYKEEP_FENCE: String(fence),
    SKYKEEP_DATABASE_URL: source.databaseUrl,
    ...listed(source.environment, ['SKYKEEP_MASTER_KEY']),
  }
  const base = (name: string, role: Role): Pick<ProcessSpec, 'name' | 'role' | 'build' | 'cwd'> => ({
    name,
    role,
    build,
    cwd: layout.root,
  })
  const commandOf = (role: Role, file: string, flags: readonly string[] = []): readonly string[] =>
    source.commands?.[role] ?? [node, ...flags, join(build, file)]
  const workerSocket = layout.socket('worker')
  const gatewaySocket = layout.socket('gateway-0')
  return {
    worker: {
      ...base('worker', 'worker'),
      command: commandOf('worker', 'worker.mjs', thriftyFlags),
      environment: {
        ...commonEnvironment(source, 'worker'),
        ...fenced,
        ...keepingOf(source),
        ...listed(source.environment, ['SKYKEEP_SIM']),
        ...(source.gatewayZone === undefined ? {} : { SKYKEEP_GATEWAY_ZONE: source.gatewayZone }),
        ...tracingOf(source),
      },
      health: { kind: 'socket', socket: workerSocket },
      socket: workerSocket,
    },
    web: {
      ...base('web', 'web'),
      command: commandOf('web', join('web', 'apps', 'web', 'server.js'), webFlags),
      environment: {
        ...commonEnvironment(source, 'web'),
        ...fenced,
        // What it starts for a person (a drill) reads the same settings.
        ...listed(source.environment, ['SKYKEEP_CONFIG', 'SKYPILOT_PERSISTENT_PATH']),
        ...listed(source.environment, ['SKYKEEP_ALLOWED_HOSTS']),
        ...retentionOf(source),
        ...(source.metricsAccess === undefined ? {} : { SKYKEEP_METRICS_ACCESS: source.metricsAccess }),
        ...tracingOf(source),
        NODE_ENV: 'production',
        PORT: String(webPort),
        HOSTNAME: '127.0.0.1',
      },
      health: { kind: 'port', port: webPort, path: '/healthz' },
      port: webPort,
    },
    gateway: {
      ...base('gateway-0', 'gateway'),
      command: commandOf('gateway', 'gateway.mjs', gatewayFlags),
      // Neither the database nor the fence: the data plane lives without them and outlives both.
      environment: {
        ...commonEnvironment(source, 'gateway-0'),
        SKYKEEP_GATEWAY_PROCESSES: String(source.gatewayProcesses),
      },
      health: { kind: 'socket', socket: gatewaySocket },
      socket: gatewaySocket,
    },
  }
}

/** Where traces go: the variable of the field's own name wins over config.yaml. */
function tracingOf({ environment, otlpEndpoint }: SpecSource): Readonly<Record<string, string>> {
  const name = 'OTEL_EXPORTER_OTLP_ENDPOINT'
  return { ...(otlpEndpoint === undefined ? {} : { [name]: otlpEndpoint }), ...listed(environment, [name]) }
}

/** What the worker keeps of the past, and of the disk. */
function keepingOf(source: SpecSource): Readonly<Record<string, string>> {
  const { reserveBytes } = source
  return {
    ...retentionOf(source),
    ...(reserveBytes === undefined ? {} : { SKYKEEP_RESERVE_BYTES: String(reserveBytes) }),
  }
}

/** The limits that hold, for the worker who keeps to them and for web, which shows them. */
function retentionOf({ retention }: SpecSource): Readonly<Record<string, string>> {
  return retention === undefined ? {} : { SKYKEEP_RETENTION: JSON.stringify(retention) }
}

function commonEnvironment(source: SpecSource, name: string): Readonly<Record<string, string>> {
  return {
    ...listed(source.environment, passedOn),
    ...cacheEnvironment(source.layout),
    SKYKEEP_PERSISTENT_PATH: source.layout.root,
    SKYKEEP_BUILD: source.build,
    SKYKEEP_PROCESS: name,
  }
}

function listed(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
