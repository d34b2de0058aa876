import { isAbsolute } from 'node:path'
import { requireNotMoved, requireWhole } from '@skykeep/persistent-path/path-state'
import { preparePath, type PreparedPath } from '@skykeep/persistent-path/prepare'
import { SkykeepError } from '@skykeep/core/errors'
import type { RetentionLimits } from '@skykeep/core/retention'
import type { CliEnv } from '../env.ts'
import { findPlace, type Place } from '../client/plane.ts'

const defaultWebPort = 46_580
const defaultGatewayProcesses = 2

/** What a control plane on this machine is started with. */
export interface PlaneSettings {
  readonly place: Place
  readonly prepared: PreparedPath
  readonly databaseUrl: string
  readonly webPort: number
  readonly gatewayProcesses: number
  readonly build: string
  /** What of the past and of the disk is kept, where config.yaml says so. */
  readonly keeping: {
    readonly retention?: Partial<RetentionLimits>
    readonly reserveBytes?: number
  }
}

/** Reads path, config.yaml and options, and prepares the path. Throws what the path's preparation refuses. */
export function planeSettings(env: CliEnv, options: { readonly port?: number }): PlaneSettings {
  const place = findPlace(env)
  const { config } = place.resolved
  requireNotMoved(place.layout)
  const prepared = preparePath(place.resolved.path, config.databaseUrl === undefined)
  requireWhole(prepared.layout)
  return {
    place,
    prepared,
    databaseUrl: databaseUrlOf(place),
    webPort: options.port ?? config.webPort ?? defaultWebPort,
    gatewayProcesses: config.gatewayProcesses ?? defaultGatewayProcesses,
    build: buildOf(env),
    keeping: {
      ...(config.retention === undefined ? {} : { retention: config.retention }),
      ...(config.reserveMegabytes === undefined ? {} : { reserveBytes: config.reserveMegabytes * 2 ** 20 }),
    },
  }
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
