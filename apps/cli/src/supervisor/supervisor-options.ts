import type { Clock } from '@skykeep/core/clock'
import type { RaiseFenceRow } from '@skykeep/persistent-path/fence'
import type { HealthLimits } from './health.ts'
import type { RoleAddress } from './role-server.ts'
import type { SpecSource } from './process-spec.ts'

export interface SupervisorOptions {
  /** Path, build, environment and ports of the processes. The path is prepared (`preparePath`). */
  readonly specs: SpecSource
  /** Whether the database lies under the path; true unless told. */
  readonly usesSqlite?: boolean
  /** Brings the state up to date (keys, migrations). Called while the lock is held, before anything is started. May be called again. */
  readonly prepareState: () => Promise<void>
  readonly raiseFence: RaiseFenceRow
  readonly say: (line: string) => void
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  /** Unique name of this run. */
  readonly run: string
  /** Called once, when web, worker and gateway all answer for the first time. */
  readonly onReady?: (ready: { readonly fence: number; readonly webPort: number }) => void
  /** Size of the disk reserve, bytes; 64 MiB unless told. */
  readonly reserveBytes?: number
  readonly limits?: HealthLimits
  /** The same for another path: prepares it, and finishes a move to it. Throws what refuses it. */
  readonly at?: (root: string) => Promise<SupervisorOptions>
  /** The path that config.yaml names now; undefined where the path does not come from there. */
  readonly wantedRoot?: () => string | undefined
  /** Where to answer a load balancer that asks for the active plane. */
  readonly role?: RoleAddress
}
