import type { TokenRevocationView } from '@skykeep/core/service-key-views'
import { listTokenRevocations as readRevocations } from '@skykeep/db/token-revocations'
import { userNames } from '@skykeep/db/users'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'
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
  const names = await userNames(
    context.db,
    revocations.map(({ revokedBy }) => revokedBy),
  )
  return revocations.map((each) => withName(each, names))
}

function withName(each: TokenRevocationView, names: ReadonlyMap<string, string>): TokenRevocationView {
  return { ...each, revokedBy: names.get(each.revokedBy) ?? each.revokedBy }
}
