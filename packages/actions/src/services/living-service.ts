import { SkykeepError } from '@skykeep/core/errors'
import type { Service } from '@skykeep/core/nouns'
import { findService } from '@skykeep/db/services'
import type { ActionServices } from '../context.ts'

/** The living service of that name in the workspace. Throws NOT_FOUND with the way to the list. */
export async function livingService(
  context: Pick<ActionServices, 'workspace'>,
  db: Parameters<typeof findService>[0],
  name: string,
): Promise<Service> {
  const service = await findService(db, context.workspace, name)
  if (service !== null) return service
  throw new SkykeepError('NOT_FOUND', `no living service ${JSON.stringify(name)}`, {
    userMessage: `There is no service named ${name}.`,
    hint: 'Run `skykeep serve status` to see the services that there are.',
  })
}
