import { isSkykeepError, SkykeepError } from '@skykeep/core/errors'
import type { LeaseHeld } from '@skykeep/db/guard'
import type { Database } from '@skykeep/db/handles'
import { LeaseObserver } from '@skykeep/db/lease-observer'
import { claimDue, dueInMs, mayHaveSuspects, release, setAsideClaim, spreadDue } from '@skykeep/db/leases'
import { drivenKinds, type DrivenKind } from '@skykeep/db/reconciliations'
import type { Claim, ReconcileStore } from '@skykeep/engine/store'

export interface EngineStoreOptions {
  readonly database: Database
  readonly fence: number
  /** This process life: unique for ever. */
  readonly owner: string
  /** How long another's lease must stand still before it is lost, milliseconds. */
  readonly leaseMs: number
}

/** The engine's rows in the database: leases, due times and back-off live beside each noun. */
export function createEngineStore({ database, fence, owner, leaseMs }: EngineStoreOptions): ReconcileStore {
  const observer = new LeaseObserver({ clock: database.clock, leaseMs })
  return {
    claimDue: (kind, { limit, suspects, isKnownDue = false }) =>
      claimDue(database, {
        kind: drivenKindOf(kind),
        owner,
        limit,
        isSuspect: suspects,
        isKnownDue,
        observer,
        fence,
      }),
    async settle(claim, settlement) {
      const requeueAfterMs = settlement.type === 'done' ? null : settlement.afterMs
      const outcome =
        settlement.type === 'failed'
          ? { requeueAfterMs, isFailed: true, failureReason: settlement.reason }
          : { requeueAfterMs, isFailed: false }
      try {
        await database.transaction((tx) => release(tx, leaseOf(claim), outcome), { fence })
        return true
      } catch (error) {
        if (isSkykeepError(error, 'STALE_LEASE')) return false
        throw error
      }
    },
    setAside: (claim, reason) =>
      database.transaction((tx) => setAsideClaim(tx, leaseOf(claim), reason), { fence }),
    dueInMs: (kinds) => dueInMs(database, kinds.map(drivenKindOf)),
    mayHaveSuspects: (kinds) => mayHaveSuspects(database, { kinds: kinds.map(drivenKindOf), owner }),
    spreadDue: (kinds, windowMs) =>
      database.transaction((tx) => spreadDue(tx, kinds.map(drivenKindOf), windowMs), { fence }),
  }
}

/** The claim of the engine as the database knows it. */
export function leaseOf(claim: Claim): LeaseHeld {
  return { kind: drivenKindOf(claim.kind), uid: claim.uid, token: claim.token }
}

function drivenKindOf(kind: string): DrivenKind {
  const known = drivenKinds.find((each) => each === kind)
  if (known !== undefined) return known
  throw new SkykeepError('INTERNAL', `no controller drives the kind ${kind}`)
}
