import { followOperation } from '../client/follow-service.ts'
import type { Session } from '../client/session.ts'
import { AskedFailed, exitCodes } from './failure.ts'

/** `skykeep serve down NAME`: takes the service down and waits until nothing of it is left. Returns the exit code. */
export async function serveDown(
  session: Session,
  name: string,
  options: { readonly json?: boolean; readonly async?: boolean },
): Promise<number> {
  const { terminal } = session
  const asked = await session.api.services.down.mutate({ name })
  if (options.async !== true) {
    terminal.note(`down    ${name}  ${asked.operationUid}`)
    const operation = await followOperation(session, asked.operationUid, name)
    if (operation.status !== 'SUCCEEDED') {
      throw new AskedFailed(
        `${name}: ${operation.statusReason}`,
        `See \`skykeep ops ${asked.operationUid}\`; Skykeep goes on trying.`,
      )
    }
  }
  if (options.json === true) terminal.json(asked)
  else terminal.print(options.async === true ? `asked  ${name}  (${asked.operationUid})` : `down  ${name}`)
  return exitCodes.ok
}
