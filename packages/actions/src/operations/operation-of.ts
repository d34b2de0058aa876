import { isSkykeepError, SkykeepError } from '@skykeep/core/errors'
import type { Operation } from '@skykeep/core/nouns'
import type { Db } from '@skykeep/db/handles'
import { getOperation } from '@skykeep/db/operations'
import type { ActionServices } from '../context.ts'

/** The operation of that uid in the workspace. Throws NOT_FOUND with the way to the list. */
export async function operationOf(
  { workspace }: Pick<ActionServices, 'workspace'>,
  db: Db,
  uid: string,
): Promise<Operation> {
  const operation = await getOperation(db, uid).catch((error: unknown) => {
    if (!isSkykeepError(error, 'NOT_FOUND')) throw error
    return null
  })
  if (operation?.workspace === workspace) return operation
  throw new SkykeepError('NOT_FOUND', `no operation ${JSON.stringify(uid)}`, {
    userMessage: 'There is no such operation.',
    hint: 'Run `skykeep ops` to see the operations that there are.',
  })
}
