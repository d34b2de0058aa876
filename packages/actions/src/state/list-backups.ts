import type { SkykeepEvent } from '@skykeep/core/events'
import {
  stateWorkKinds,
  type BackupsView,
  type BackupView,
  type StateFailureView,
  type StateWorkKind,
  type VerificationView,
} from '@skykeep/core/state-views'
import { listEvents } from '@skykeep/db/events'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { StoredBackup } from '../state-keeper.ts'

/** Looked at for what was checked, and what failed. */
const eventsMax = 500

const successes: Readonly<Record<StateWorkKind, SkykeepEvent['type']>> = {
  backup: 'state.backed-up',
  verify: 'state.verified',
}

/** The backups of the path with what was proven of each, what is under way, and what failed last. */
export async function listBackups(context: ActionContext): Promise<BackupsView> {
  authorize(context.actor, 'system:read')
  const { db, state } = context
  const told = await listEvents(db, {
    types: ['state.backed-up', 'state.verified', 'state.failed'],
    limit: eventsMax,
  })
  return {
    folder: state.backupsFolder,
    kept: state.backupsKept(),
    items: (await state.backups()).map((backup) => toBackupView(backup, told)),
    work: state.work(),
    failures: failuresOf(told),
  }
}

function toBackupView(backup: StoredBackup, told: readonly SkykeepEvent[]): BackupView {
  const { modifiedAtMs: _modifiedAtMs, ...shown } = backup
  return { ...shown, verification: verificationOf(backup, told) }
}

/** What the last check said of this very file: one that was written since counts as unchecked. Pure. */
function verificationOf(
  { name, bytes, modifiedAtMs }: Pick<StoredBackup, 'name' | 'bytes' | 'modifiedAtMs'>,
  newestFirst: readonly SkykeepEvent[],
): VerificationView | null {
  const checked = newestFirst.find(
    ({ type, payload }) =>
      type === 'state.verified' &&
      payload['backup'] === name &&
      payload['bytes'] === bytes &&
      payload['modifiedAtMs'] === modifiedAtMs,
  )
  if (checked === undefined) return null
  const { atMs, message, payload } = checked
  return { atMs, message, isIdentical: payload['isIdentical'] === true }
}

/** The last failure of each kind of work, unless the same has come through since. Pure. */
function failuresOf(newestFirst: readonly SkykeepEvent[]): readonly StateFailureView[] {
  return stateWorkKinds.flatMap((kind) => {
    const last = newestFirst.find(
      ({ type, payload }) =>
        type === successes[kind] || (type === 'state.failed' && payload['work'] === kind),
    )
    if (last?.type !== 'state.failed') return []
    return [{ kind, atMs: last.atMs, message: last.message }]
  })
}
