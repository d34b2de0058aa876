import { stat } from 'node:fs/promises'
import { SkykeepError } from '@skykeep/core/errors'
import type { UpdateResult } from '@skykeep/core/views'
import { findRunningRollout, listRollouts } from '@skykeep/db/rollouts'
import { listServiceVersions } from '@skykeep/db/service-versions'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'
import { baseVersionOf } from '../versions/base-version.ts'
import { oneAtATime } from '../versions/one-at-a-time.ts'
import { rollbackTarget } from './rollback-target.ts'
import type { RollbackServiceInput } from './schemas.ts'
import { serviceToChange } from './service-to-change.ts'
import { startRollout } from './start-rollout.ts'
import { policyOf } from './update-policy.ts'

const rolloutsLookedAt = 100

/**
 * Asks for an older version again, with its own files and secrets. Throws NOT_FOUND (service, version), CONFLICT (being shut down, nothing
 * to go back to, its folder is gone, changed meanwhile), INVALID_INPUT, FENCED.
 */
export async function rollbackService(
  context: ActionContext,
  input: RollbackServiceInput,
): Promise<UpdateResult> {
  authorize(context.actor, 'service:write')
  const { uid } = await serviceToChange(context, context.db, input.name)
  return await oneAtATime(context.db, uid, () => ask(context, input))
}

async function ask(context: ActionContext, input: RollbackServiceInput): Promise<UpdateResult> {
  const { db, ids, fence } = context
  const service = await serviceToChange(context, db, input.name)
  const versions = await listServiceVersions(db, service.uid)
  const rollouts = await listRollouts(db, service.uid, rolloutsLookedAt)
  const base = baseVersionOf(service, versions, await findRunningRollout(db, service.uid))
  const target = rollbackTarget({ service, versions, rollouts }, input.to)
  const settings = policyOf(target.spec, input.policy ?? {})
  const result = {
    name: service.name,
    toVersion: target.version,
    keepsReplicas: target.taskVersion === base.taskVersion,
    mode: settings.mode,
  }
  if (target.version === base.version && target.version === service.desiredVersion) {
    const note = `${service.name} is at version ${target.version} already; nothing was changed.`
    return { ...result, operationUid: null, fromVersion: base.version, note }
  }
  await checkKept(context, service.name, { serviceUid: service.uid, version: target.version })
  const operationUid = ids.uid('op')
  return await db.transaction(
    async (tx) => {
      const fromVersion = await startRollout(context, tx, {
        service,
        toVersion: target.version,
        desiredReplicas: target.spec.service.replicas,
        settings,
        verb: 'serve.rollback',
        operationUid,
      })
      return await recordAnswer(context, tx, { ...result, operationUid, fromVersion, note: null })
    },
    { fence },
  )
}

/** A replica is launched only from its own version's folder: without it there is no way back. */
async function checkKept(
  { paths }: ActionContext,
  name: string,
  { serviceUid, version }: { readonly serviceUid: string; readonly version: number },
): Promise<void> {
  const isKept = await stat(paths.versionDir(serviceUid, version)).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (isKept) return
  throw new SkykeepError('CONFLICT', `the folder of version ${version} of ${serviceUid} is gone`, {
    userMessage: `The files of version ${version} of ${name} are not kept any more, so nothing can be started from it.`,
    hint: `Update to what it was instead: \`skykeep serve update ${name} FILE\`; its YAML stands in \`skykeep serve history ${name} --json\`.`,
  })
}
