import type { TokenRevocationView } from '@skykeep/core/service-key-views'
import { listTokenRevocations as readRevocations } from '@skykeep/db/token-revocations'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'
import { withUserNames } from '../with-user-names.ts'
import type { ServiceKeysInput } from './schemas.ts'

const listMax = 500

/** What was revoked of a service's signed tokens within a year, newest first, at most 500. Throws NOT_FOUND. */
export async function listTokenRevocations(
  context: ActionContext,
  { service: name }: ServiceKeysInput,
): Promise<readonly TokenRevocationView[]> {
  authorize(context.actor, 'service:read')
  const service = await livingService(context, context.db, name)
  const revocations = await readRevocations(context.db, service.uid, listMax)
  return await withUserNames(context.db, revocations, 'revokedBy')
}
