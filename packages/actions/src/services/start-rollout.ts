import { SkykeepError } from '@skykeep/core/errors'
import type { Service } from '@skykeep/core/nouns'
import type { UpdatePolicy } from '@skykeep/core/service-spec'
import { insertOperation } from '@skykeep/db/operations'
import type { Tx } from '@skykeep/db/handles'
import { findRunningRollout, insertRollout } from '@skykeep/db/rollouts'
import { getService, setServiceDesired } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import type { ActionContext } from '../context.ts'
import { bringServiceBack } from './bring-back.ts'

export interface RolloutWish {
  /** As it was read when the change was judged. */
  readonly service: Service
  readonly toVersion: number
  readonly desiredReplicas: number
  readonly settings: UpdatePolicy
  readonly verb: 'serve.update' | 'serve.rollback'
  readonly operationUid: string
}

/**
 * Writes the wish for another version, all of it or nothing: the rollout (one that is under way is superseded), the operation that follows
 * it, and the service's desired version. Returns the version that it comes from. Throws CONFLICT when the service was changed meanwhile.
 */
export async function startRollout(context: ActionContext, tx: Tx, wish: RolloutWish): Promise<number> {
  const { actor, ids, workspace } = context
  const { toVersion, settings, verb, operationUid } = wish
  const service = await getService(tx, wish.service.uid)
  checkUnchanged(wish.service, service)
  // A new wish is a reason to try what was set aside.
  await bringServiceBack(context, tx, service)
  const because = { cause: operationUid, actor: actor.userUid }
  const running = await findRunningRollout(tx, service.uid)
  if (running !== null) {
    const message = `${actor.name} asked for version ${toVersion} instead`
    const row = { kind: 'rollout', uid: running.uid, to: 'SUPERSEDED' } as const
    await transition(tx, { ...row, reason: 'SUPERSEDED', message, ...because })
  }
  const fromVersion = service.stableVersion === 0 ? service.targetVersion : service.stableVersion
  const rollout = await insertRollout(tx, {
    uid: ids.uid('rol'),
    serviceUid: service.uid,
    serviceName: service.name,
    operationUid,
    fromVersion,
    toVersion,
    mode: settings.mode,
    settings,
    createdBy: actor.userUid,
  })
  await insertOperation(tx, {
    uid: operationUid,
    workspace,
    verb,
    targetKind: 'service',
    targetUid: service.uid,
    targetName: service.name,
    requestedBy: actor.userUid,
    details: { rolloutUid: rollout.uid, fromVersion, toVersion, mode: settings.mode },
  })
  await setServiceDesired(tx, service.uid, {
    ...because,
    desiredVersion: toVersion,
    desiredReplicas: wish.desiredReplicas,
    message: `${actor.name} asked for version ${toVersion}, ${settings.mode.replace('_', '-')}.`,
  })
  return fromVersion
}

function checkUnchanged(read: Service, now: Service): void {
  if (now.deletionRequestedAtMs === null && now.desiredVersion === read.desiredVersion) return
  const what =
    now.deletionRequestedAtMs === null
      ? `another version (${now.desiredVersion}) was asked for`
      : 'it was shut down'
  throw new SkykeepError('CONFLICT', `service ${now.uid} changed: ${what}`, {
    userMessage: `${now.name} was changed by somebody else meanwhile: ${what}.`,
    hint: `Look at \`skykeep serve history ${now.name}\`, then repeat what you asked for.`,
  })
}
