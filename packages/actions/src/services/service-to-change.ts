import { SkykeepError } from '@skykeep/core/errors'
import type { Service } from '@skykeep/core/nouns'
import type { Db } from '@skykeep/db/handles'
import type { ActionServices } from '../context.ts'
import { livingService } from './living-service.ts'

/** The living service of that name, unless it is being shut down. Throws NOT_FOUND, CONFLICT. */
export async function serviceToChange(
  context: Pick<ActionServices, 'workspace'>,
  db: Db,
  name: string,
): Promise<Service> {
  const service = await livingService(context, db, name)
  if (service.deletionRequestedAtMs === null) return service
  throw new SkykeepError('CONFLICT', `service ${service.uid} is being shut down`, {
    userMessage: `${name} is being shut down: nothing of it can be changed any more.`,
    hint: `Wait until \`skykeep serve status ${name}\` no longer shows it, then bring it up again with \`skykeep serve up FILE\`.`,
  })
}
