import type { Clock } from '@skykeep/core/clock'
import type { IdSource } from '@skykeep/core/ids'
import type { Actor } from '@skykeep/core/actor'
import type { ActionPaths } from './paths.ts'
import type { UploadLimits } from './uploads/upload-limits.ts'

/** What the composition root builds once and every action is given. */
export interface ActionServices {
  readonly clock: Clock
  readonly ids: IdSource
  readonly paths: ActionPaths
  readonly uploadLimits: UploadLimits
}

/** The services and the person or program that asks. */
export interface ActionContext extends ActionServices {
  readonly actor: Actor
}
