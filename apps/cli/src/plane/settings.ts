import { isAbsolute } from 'node:path'
import { configDefaults, type Config, type MetricsAccess } from '@skykeep/persistent-path/config-keys'
import { layoutOf } from '@skykeep/persistent-path/layout'
import { requireNotMoved, requireWhole } from '@skykeep/persistent-path/path-state'
import { preparePath, type PreparedPath } from '@skykeep/persistent-path/prepare'
import { SkykeepError } from '@skykeep/core/errors'
import type { RetentionLimits } from '@skykeep/core/retention'
import type { CliEnv } from '../env.ts'
import { findPlace, type Place } from '../client/plane.ts'
import type { RoleAddress } from '../supervisor/role-server.ts'

/** What a control plane on this machine is started with. */
export interface PlaneSettings {
  readonly place: Place
  readonly prepared: PreparedPath
  readonly databaseUrl: string
  readonly webPort: number
  readonly gatewayProcesses: number
  /** Where the gateway runs; absent: config.yaml does not say. */
  readonly gatewayZone?: string
  readonly build: string
  /** Where a load balancer asks for the active plane; absent: nowhere but at web. */
  readonly role?: RoleAddress
  /** What is told to those who watch, where config.yaml says so. */
  readonly watching: {
    readonly metricsAccess?: MetricsAccess
    readonly otlpEndpoint?: string
  }
  /** What of the past and of the disk is kept, where config.yaml says so. */
  readonly keeping: {
    readonly retention?: Partial<RetentionLimits>
    readonly reserveBytes?: number
  }
}

/** What a person may say on the command line; wins over config.yaml. */
export interface PlaneOptions {
  /** Port of the dashboard. */
  readonly port?: number
  readonly rolePort?: number
  readonly roleHost?: string
}

/** Reads path, config.yaml and options, and prepares the path. Throws what the path's preparation refuses. */
export function planeSettings(env: CliEnv, options: PlaneOptions): PlaneSettings {
  const place = findPlace(env)
  const { config } = place.resolved
  const role = roleOf(options, config)
  return {
    ...preparedAt(place),
    place,
    webPort: options.port ?? config.webPort ?? configDefaults.webPort,
    gatewayProcesses: config.gatewayProcesses ?? configDefaults.gatewayProcesses,
    ...(config.gatewayZone === undefined ? {} : { gatewayZone: config.gatewayZone }),
    build: buildOf(env),
    ...(role === undefined ? {} : { role }),
    watching: {
      ...(config.metricsAccess === undefined ? {} : { metricsAccess: config.metricsAccess }),
      ...(config.otlpEndpoint === undefined ? {} : { otlpEndpoint: config.otlpEndpoint }),
    },
    keeping: {
      ...(config.retention === undefined ? {} : { retention: config.retention }),
      ...(config.reserveMegabytes === undefined ? {} : { reserveBytes: config.reserveMegabytes * 2 ** 20 }),
    },
  }
}

/** The same settings for another persistent path, prepared. Throws what its preparation refuses. */
export function settingsAt(settings: PlaneSettings, root: string): PlaneSettings {
  const { resolved } = settings.place
  const place = { resolved: { ...resolved, path: root }, layout: layoutOf(root) }
  return { ...settings, ...preparedAt(place), place }
}

function preparedAt(place: Place): Pick<PlaneSettings, 'prepared' | 'databaseUrl'> {
  requireNotMoved(place.layout)
  const prepared = preparePath(place.resolved.path, place.resolved.config.databaseUrl === undefined)
  requireWhole(prepared.layout)
  return { prepared, databaseUrl: databaseUrlOf(place) }
}

function roleOf(options: PlaneOptions, { roleHost, rolePort }: Config): RoleAddress | undefined {
  const port = options.rolePort ?? rolePort
  return port === undefined
    ? undefined
    : { host: options.roleHost ?? roleHost ?? configDefaults.roleHost, port }
}

/** `database.url` of config.yaml, else the file under the persistent path. */
export function databaseUrlOf({ resolved, layout }: Place): string {
  return resolved.config.databaseUrl ?? `file:${layout.stateDb}`
}

function buildOf(env: CliEnv): string {
  if (env.build !== undefined && isAbsolute(env.build)) return env.build
  throw new SkykeepError('UNAVAILABLE', 'this command line does not know its build', {
    hint: 'Start it as `npm start` or `npx skykeep` from the clone.',
  })
}
