import type { Session } from '../client/session.ts'
import { exitCodes } from './failure.ts'

/** `skykeep login`: a sign-in link for the dashboard; good once, for ten minutes. */
export async function login(session: Session, options: { readonly json?: boolean }): Promise<number> {
  const link = await session.api.auth.createSignInCode.mutate()
  if (options.json === true) session.terminal.json(link)
  else {
    session.terminal.print(link.url)
    session.terminal.note('Open it in a browser on this machine within ten minutes; it works once.')
  }
  return exitCodes.ok
}
