import type { Session } from '../client/session.ts'
import { policyOf, showRollout, type RolloutOptions } from './serve-update.ts'

export interface ServeRollbackOptions extends RolloutOptions {
  /** Version to go back to. */
  readonly to?: number
}

/** `skykeep serve rollback NAME`: an older version again, with its own files and secrets. Returns the exit code. */
export async function serveRollback(
  session: Session,
  name: string,
  options: ServeRollbackOptions,
): Promise<number> {
  const { to } = options
  const result = await session.api.services.rollback.mutate({
    name,
    ...(to === undefined ? {} : { to }),
    ...policyOf(options),
  })
  return await showRollout(session, result, options)
}
