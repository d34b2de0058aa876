import type { Actor } from '@skykeep/core/actor'
import type { Clock } from '@skykeep/core/clock'
import type { IdSource } from '@skykeep/core/ids'
import type { Drill, Replica } from '@skykeep/core/nouns'
import type { CreatedTokenView } from '@skykeep/core/token-views'
import type { Database } from '@skykeep/db/handles'
import type { LogSource } from '@skykeep/logs/log-source'
import type { KeyRing } from '@skykeep/secrets/key-ring'
import type { EventHub } from './events/event-hub.ts'
import type { KeyedRequest } from './idempotency/keyed-request.ts'
import type { ActionPaths } from './paths.ts'
import type { PlaneReader } from './plane-reader.ts'
import type { StateKeeper } from './state-keeper.ts'
import type { UploadLimits } from '@skykeep/core/upload-limits'

/** What the composition root builds once and every action is given. */
export interface ActionServices {
  readonly db: Database
  /** This plane's fencing number: carried by every write, refused once another plane took over. */
  readonly fence: number
  readonly clock: Clock
  readonly ids: IdSource
  readonly workspace: string
  readonly paths: ActionPaths
  readonly uploadLimits: UploadLimits
  /** Listening address of services, such as 127.0.0.1. */
  readonly endpointHost: string
  /** True when some program on this machine listens on the port now. */
  readonly isPortHeld: (host: string, port: number) => Promise<boolean>
  /** The dashboard's address, such as `http://127.0.0.1:46580`. */
  readonly dashboardUrl: string
  /** The master keys. Throws KEY_MISSING: only what needs a secret stops. */
  readonly keyRing: () => KeyRing
  readonly events: EventHub
  readonly plane: PlaneReader
  readonly state: StateKeeper
  /** The log of one replica; empty before it has one. */
  readonly replicaLog: (replica: Replica) => LogSource
  /** Makes a single-use sign-in code of a user. */
  readonly issueSignInCode: (
    userUid: string,
  ) => Promise<{ readonly code: string; readonly expiresAtMs: number }>
  /** Makes a token of a user. Throws ALREADY_EXISTS while there is a living one of that name. */
  readonly issueToken: (
    userUid: string,
    wish: { readonly name: string; readonly expiresAtMs: number | null },
  ) => Promise<Omit<CreatedTokenView, 'name'>>
  readonly endSession: (sessionUid: string) => Promise<void>
  /** Starts the process of a recorded drill on this machine, so that it outlives this one. Throws when it cannot be started. */
  readonly launchDrill: (drill: Drill) => Promise<void>
}

/** The services and the person or program that asks. */
export interface ActionContext extends ActionServices {
  readonly actor: Actor
  /** Set where the request carries an `Idempotency-Key`: its answer is kept with `recordAnswer`. */
  readonly keyed?: KeyedRequest
}
