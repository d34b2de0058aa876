import type { Clock } from '@skykeep/core/clock'
import type { IdSource } from '@skykeep/core/ids'
import type { Database } from '@skykeep/db/handles'

/** What identity needs; built once by the composition root. */
export interface AuthServices {
  readonly db: Database
  /** This plane's fencing number: a replaced plane signs nobody in. */
  readonly fence: number
  readonly clock: Clock
  readonly ids: IdSource
}
