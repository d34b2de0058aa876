import { rm } from 'node:fs/promises'
import type { DiffView } from '@skykeep/core/views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { planUpdate } from './plan-update.ts'
import type { DiffServiceInput } from './schemas.ts'

/**
 * Says what an update would change, and changes nothing. Only for who may update: equal or not tells something of a secret's value.
 * Throws what an update would throw.
 */
export async function diffService(context: ActionContext, input: DiffServiceInput): Promise<DiffView> {
  authorize(context.actor, 'service:write')
  const { prepared, diff } = await planUpdate(context, input)
  await prepared.staged.discard()
  if (!input.isUploadKept && prepared.uploadFile !== null) await rm(prepared.uploadFile, { force: true })
  return diff
}
