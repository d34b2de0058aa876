import type { Session } from '../client/session.ts'
import { age } from '../output/age.ts'
import { exitCodes } from './failure.ts'

interface TokenOptions {
  readonly json?: boolean
}

/** `skykeep token create NAME`: prints a new token, and nothing else, to standard output. Returns the exit code. */
export async function tokenCreate(session: Session, name: string, options: TokenOptions): Promise<number> {
  const { terminal, api } = session
  const created = await api.tokens.create.mutate({ name })
  if (options.json === true) terminal.json(created)
  else {
    terminal.print(created.token)
    terminal.note(`Keep it where only ${name} reads it: it is not shown again.`)
  }
  return exitCodes.ok
}

/** `skykeep token list`: your tokens. Returns the exit code. */
export async function tokenList({ terminal, api }: Session, options: TokenOptions): Promise<number> {
  const tokens = await api.tokens.list.query()
  const now = Date.now()
  if (options.json === true) terminal.json(tokens)
  else {
    terminal.table(tokens, [
      { title: 'TOKEN', cell: ({ name }) => name },
      { title: 'STATE', cell: ({ revokedAtMs }) => (revokedAtMs === null ? 'holds' : 'revoked') },
      { title: 'AGE', cell: ({ createdAtMs }) => age(createdAtMs, now) },
      {
        title: 'LAST USED',
        cell: ({ lastUsedAtMs }) => (lastUsedAtMs === null ? 'never' : `${age(lastUsedAtMs, now)} ago`),
      },
    ])
  }
  return exitCodes.ok
}

/** `skykeep token revoke NAME`: it is refused from now on. Returns the exit code. */
export async function tokenRevoke(session: Session, name: string, options: TokenOptions): Promise<number> {
  const { terminal, api } = session
  await api.tokens.revoke.mutate({ name })
  if (options.json === true) terminal.json({ name })
  else terminal.print(`revoked  ${name}`)
  return exitCodes.ok
}
