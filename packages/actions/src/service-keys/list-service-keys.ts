import type { ServiceKeyView } from '@skykeep/core/service-key-views'
import { listServiceKeys as readKeys } from '@skykeep/db/service-keys'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'
import { withUserNames } from '../with-user-names.ts'
import type { ServiceKeysInput } from './schemas.ts'

const listMax = 500

/** The keys of a service, newest first, at most 500, those that hold no longer too. Throws NOT_FOUND. */
export async function listServiceKeys(
  context: ActionContext,
  { service: name }: ServiceKeysInput,
): Promise<readonly ServiceKeyView[]> {
  authorize(context.actor, 'service:read')
  const service = await livingService(context, context.db, name)
  const keys = await readKeys(context.db, service.uid, listMax)
  return await withUserNames(context.db, keys, 'createdBy')
}
