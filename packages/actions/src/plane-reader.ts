import type { GatewayStatus } from '@skykeep/core/routes'
import type { ProcessView, SystemView } from '@skykeep/core/views'

/** What is outside of the database: read from runtime files, control sockets and the disk by the composition root. Never throws. */
export interface PlaneReader {
  /** Every process that has a runtime record, asked whether it answers. */
  processes(): Promise<readonly ProcessView[]>
  /** The state of the disk under the persistent path. */
  storage(): Promise<SystemView['storage']>
  /** Why the supervisor does not follow the path that config.yaml names now; null where it does. */
  pathProblem?(): Promise<string | null>
  /** The gateway processes that answered. */
  gateways(): Promise<readonly GatewayStatus[]>
  /** The same, about a second old at most while they answer; one that does not is hardly waited for. */
  recentGateways(): Promise<readonly GatewayStatus[]>
  /** Whether this plane holds the fence now. */
  role(): SystemView['role']
  /** The program's version. */
  readonly version: string
  /** Where the database is: a path, or a URL without credentials. */
  readonly databaseLocation: string
}
