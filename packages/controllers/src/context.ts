import type { Clock } from '@skykeep/core/clock'
import { SkykeepError } from '@skykeep/core/errors'
import type { IdSource } from '@skykeep/core/ids'
import type { LeaseHeld } from '@skykeep/db/guard'
import type { Database, Tx } from '@skykeep/db/handles'
import type { DrivenKind } from '@skykeep/db/reconciliations'
import { wake } from '@skykeep/db/reconciliations'
import { listOperations } from '@skykeep/db/operations'
import type { EngineLog } from '@skykeep/engine/engine'
import type { Lease } from '@skykeep/engine/lease'
import type { Provider } from '@skykeep/provider-contract/provider'
import type { OpenOperations } from './operations/open-operations.ts'

/** What every controller is given by the composition root. */
export interface ControllerContext {
  readonly database: Database
  /** Fencing number of this plane: every write transaction carries it. */
  readonly fence: number
  readonly clock: Clock
  readonly ids: IdSource
  readonly log: EngineLog
  readonly installationId: string
  readonly providers: ReadonlyMap<string, Provider>
  /** Names the request behind each line and span; absent: none is named. */
  readonly openOperations?: OpenOperations
}

/** One fenced write transaction: no network inside. */
export function write<T>(context: ControllerContext, change: (tx: Tx) => Promise<T>): Promise<T> {
  return context.database.transaction(change, { fence: context.fence })
}

/** The claim of a run as the database checks it. */
export function heldBy(kind: DrivenKind, lease: Lease): LeaseHeld {
  return { kind, uid: lease.claim.uid, token: lease.token }
}

/** Wakes a service and the operations that wait for it: something of it changed. */
export async function wakeService(tx: Tx, serviceUid: string): Promise<void> {
  await wake(tx, serviceUid)
  await wakeOperations(tx, serviceUid)
}

export async function wakeOperations(tx: Tx, serviceUid: string): Promise<void> {
  const { items } = await listOperations(tx, { targetUid: serviceUid, statuses: ['PENDING', 'RUNNING'] })
  for (const { uid } of items) await wake(tx, uid)
}

/** @throws UNSUPPORTED when this program has no such infra. */
export function providerOf(context: ControllerContext, infra: string): Provider {
  const provider = context.providers.get(infra)
  if (provider !== undefined) return provider
  throw new SkykeepError('UNSUPPORTED', `no infra ${infra} here`, {
    hint: `Use one of: ${[...context.providers.keys()].join(', ')}.`,
  })
}
