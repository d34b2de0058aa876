import type { EventPayload, EventType, SkykeepEvent } from '@skykeep/core/events'

/** Why something happened and who did it. */
export interface Because {
  /** uid of the operation, event or process that caused it. */
  readonly cause?: string
  /** A user's uid; default `controller`. */
  readonly actor?: string
}

export interface NewEvent extends Because {
  readonly kind: SkykeepEvent['kind']
  readonly uid: string
  readonly type: EventType
  readonly serviceName?: string
  readonly from?: string | null
  readonly to?: string | null
  /** SCREAMING_SNAKE. */
  readonly reason?: string
  /** One sentence for a person; never a secret. */
  readonly message?: string
  readonly payload?: EventPayload
}
