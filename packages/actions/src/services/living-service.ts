import { SkykeepError } from '@skykeep/core/errors'
import type { Service } from '@skykeep/core/nouns'
import { findService, listServices } from '@skykeep/db/services'
import { suggest } from '@skykeep/spec/suggest'
import type { ActionServices } from '../context.ts'

/** As many services as an answer holds. */
const suggestedFrom = 200

/** The living service of that name in the workspace. Throws NOT_FOUND with the name that is meant, or the way to the list. */
export async function livingService(
  context: Pick<ActionServices, 'workspace'>,
  db: Parameters<typeof findService>[0],
  name: string,
): Promise<Service> {
  const service = await findService(db, context.workspace, name)
  if (service !== null) return service
  throw new SkykeepError('NOT_FOUND', `no living service ${JSON.stringify(name)}`, {
    userMessage: `There is no service named ${name}.`,
    hint: await hintOf(context, db, name),
  })
}

async function hintOf(
  { workspace }: Pick<ActionServices, 'workspace'>,
  db: Parameters<typeof findService>[0],
  name: string,
): Promise<string> {
  const { items } = await listServices(db, { workspace, limit: suggestedFrom })
  // The comparison reads dashes as underscores.
  const names = new Map(items.map((service) => [service.name.replaceAll('-', '_'), service.name]))
  const nearest = names.get(suggest(name, [...names.keys()]) ?? '')
  const list = 'Run `skykeep serve status` to see the services that there are.'
  return nearest === undefined ? list : `Did you mean ${nearest}? ${list}`
}
