import type { TokenView } from '@skykeep/core/token-views'
import type { Session } from '../client/session.ts'
import { age } from '../output/age.ts'
import type { Terminal } from '../output/terminal.ts'
import { showFound } from '../output/watching.ts'
import type { Watch } from '../program/group.ts'
import { exitCodes } from './failure.ts'

interface TokenOptions {
  readonly json?: boolean
}

export interface TokenCreateOptions extends TokenOptions {
  /** Seconds. */
  readonly expires?: number
}

/** `skykeep token create NAME`: prints a new token, and nothing else, to standard output. Returns the exit code. */
export async function tokenCreate(
  session: Session,
  name: string,
  options: TokenCreateOptions,
): Promise<number> {
  const { terminal, api } = session
  const { expires } = options
  const created = await api.tokens.create.mutate({
    name,
    ...(expires === undefined ? {} : { expiresInSeconds: expires }),
  })
  if (options.json === true) terminal.json(created)
  else {
    terminal.print(created.token)
    const { expiresAtMs } = created
    const until =
      expiresAtMs === null ? 'until it is revoked' : `until ${new Date(expiresAtMs).toISOString()}`
    terminal.note(`Keep it where only ${name} reads it: it is not shown again. It holds ${until}.`)
  }
  return exitCodes.ok
}

/** `skykeep token list`: your tokens. Returns the exit code. */
export async function tokenList(session: Session, options: Watch): Promise<number> {
  return await showFound(session, options, async () => {
    const tokens = await session.api.tokens.list.query()
    return { json: tokens, show: (terminal) => showTokens(terminal, tokens) }
  })
}

function showTokens(terminal: Terminal, tokens: readonly TokenView[]): void {
  const now = Date.now()
  terminal.table(tokens, [
    { title: 'TOKEN', cell: ({ name }) => name },
    { title: 'STATE', cell: (token) => stateOf(token, now) },
    { title: 'AGE', cell: ({ createdAtMs }) => age(createdAtMs, now) },
    {
      title: 'EXPIRES',
      cell: ({ expiresAtMs }) => (expiresAtMs === null ? 'never' : new Date(expiresAtMs).toISOString()),
    },
    {
      title: 'LAST USED',
      cell: ({ lastUsedAtMs }) => (lastUsedAtMs === null ? 'never' : `${age(lastUsedAtMs, now)} ago`),
    },
  ])
}

function stateOf({ revokedAtMs, expiresAtMs }: TokenView, nowMs: number): string {
  if (revokedAtMs !== null) return 'revoked'
  return expiresAtMs !== null && expiresAtMs <= nowMs ? 'expired' : 'holds'
}

/** `skykeep token revoke NAME`: it is refused from now on. Returns the exit code. */
export async function tokenRevoke(session: Session, name: string, options: TokenOptions): Promise<number> {
  const { terminal, api } = session
  await api.tokens.revoke.mutate({ name })
  if (options.json === true) terminal.json({ name })
  else terminal.print(`revoked  ${name}`)
  return exitCodes.ok
}
