import { rm } from 'node:fs/promises'
import type { UpdateResult } from '@skykeep/core/views'
import { insertServiceSecrets } from '@skykeep/db/service-secrets'
import { insertServiceVersion } from '@skykeep/db/service-versions'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'
import { discardUnlessWritten } from '../versions/discard-unless-written.ts'
import { oneAtATime } from '../versions/one-at-a-time.ts'
import { sealSecrets } from '../versions/version-secrets.ts'
import { planUpdate, type PlannedUpdate } from './plan-update.ts'
import type { UpdateServiceInput } from './schemas.ts'
import { serviceToChange } from './service-to-change.ts'
import { startRollout } from './start-rollout.ts'

/**
 * Asks for a new version of a living service: its folder on disk, then version, secrets, rollout, operation and wish in one transaction.
 * A YAML that changes nothing asks for nothing. Throws NOT_FOUND, CONFLICT (being shut down, changed meanwhile), INVALID_INPUT, KEY_MISSING,
 * STORAGE_DEGRADED, FENCED.
 */
export async function updateService(
  context: ActionContext,
  input: UpdateServiceInput,
): Promise<UpdateResult> {
  authorize(context.actor, 'service:write')
  const { uid } = await serviceToChange(context, context.db, input.name)
  return await oneAtATime(context.db, uid, async () => {
    const planned = await planUpdate(context, input)
    try {
      const result = planned.diff.isDifferent ? await ask(context, planned) : unchanged(planned)
      if (planned.prepared.uploadFile !== null) await rm(planned.prepared.uploadFile, { force: true })
      return result
    } finally {
      await planned.prepared.staged.discard().catch(() => undefined)
    }
  })
}

function unchanged({ service, diff, policy }: PlannedUpdate): UpdateResult {
  const isOnItsWay = diff.fromVersion !== service.stableVersion
  return {
    operationUid: null,
    name: service.name,
    fromVersion: diff.fromVersion,
    toVersion: diff.fromVersion,
    keepsReplicas: true,
    mode: policy.mode,
    note: `Nothing is different from version ${diff.fromVersion}${isOnItsWay ? ', which is on its way' : ''}: nothing was changed.`,
  }
}

async function ask(context: ActionContext, planned: PlannedUpdate): Promise<UpdateResult> {
  const { ids, actor, fence } = context
  const { service, versions, prepared, taskVersion, policy, diff } = planned
  const operationUid = ids.uid('op')
  const newest = Math.max(...versions.map(({ version }) => version))
  const placed = await prepared.staged.place(service.uid, newest + 1)
  const key = { serviceUid: service.uid, version: placed.version }
  try {
    const ciphertexts = sealSecrets(context, key, prepared.secrets)
    const result = await context.db.transaction(
      async (tx) => {
        await insertServiceVersion(tx, {
          ...key,
          uid: prepared.uid,
          spec: prepared.spec,
          yaml: prepared.content.yaml,
          contentHash: prepared.content.contentHash,
          taskVersion: taskVersion ?? placed.version,
          createdBy: actor.userUid,
        })
        await insertServiceSecrets(tx, key, ciphertexts)
        const fromVersion = await startRollout(context, tx, {
          service,
          toVersion: placed.version,
          desiredReplicas: prepared.spec.service.replicas,
          settings: policy,
          verb: 'serve.update',
          operationUid,
        })
        return await recordAnswer(context, tx, {
          operationUid,
          name: service.name,
          fromVersion,
          toVersion: placed.version,
          keepsReplicas: diff.keepsReplicas,
          mode: policy.mode,
          note: diff.warnings.length === 0 ? null : diff.warnings.join(' '),
        })
      },
      { fence },
    )
    await placed.keep()
    return result
  } catch (error) {
    await discardUnlessWritten(context, key, placed)
    throw error
  }
}
