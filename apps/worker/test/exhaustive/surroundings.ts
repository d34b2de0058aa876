import type { GatewayChannel } from '@skykeep/controllers/routes/gateway-channel'
import type { IdSource } from '@skykeep/core/ids'
import type { RouteTable } from '@skykeep/core/routes'
import type { Database } from '@skykeep/db/handles'
import type { SimCloud } from '@skykeep/provider-sim/sim-cloud'
import type { Point, Task } from '@skykeep/testing/simulation/task'
import type { Ground } from './ground.ts'

/** What a simulated worker has of its world. */
export interface Surroundings {
  readonly ground: Ground
  readonly options: {
    readonly onPoint?: (task: Task, point: Point) => void
    readonly isDeathProven?: boolean
  }
  readonly random: () => number
  readonly database: Database
  readonly cloud: SimCloud
  readonly ids: IdSource
  readonly channel: GatewayChannel
  readonly log: string[]
  readonly nowMs: number
  readonly fence: number
  /** Transactions that were committed in this world. */
  readonly commits: number
  readonly living: readonly { readonly owner: string }[]
  writeTable(table: RouteTable): void
}
