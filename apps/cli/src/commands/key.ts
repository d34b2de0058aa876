import type { ServiceKeyView } from '@skykeep/core/service-key-views'
import type { Session } from '../client/session.ts'
import { age } from '../output/age.ts'
import type { Terminal } from '../output/terminal.ts'
import { showFound } from '../output/watching.ts'
import type { Json, Watch } from '../program/group.ts'
import { exitCodes } from './failure.ts'

export interface KeyCreateOptions extends Json {
  /** Seconds. */
  readonly expires?: number
}

/** One key of one service. */
export interface KeyName {
  readonly service: string
  readonly name: string
}

/** `skykeep key create SERVICE NAME`: prints a new key, and nothing else, to standard output. Returns the exit code. */
export async function keyCreate(
  { terminal, api }: Session,
  { service, name }: KeyName,
  { expires, json }: KeyCreateOptions,
): Promise<number> {
  const created = await api.serviceKeys.create.mutate({
    service,
    name,
    ...(expires === undefined ? {} : { expiresInSeconds: expires }),
  })
  if (json === true) {
    terminal.json(created)
    return exitCodes.ok
  }
  const { key, expiresAtMs, isKeyRequired } = created
  terminal.print(key)
  const until = expiresAtMs === null ? 'until it is revoked' : `until ${new Date(expiresAtMs).toISOString()}`
  terminal.note(`Keep it where only ${name} reads it: it is not shown again. It holds ${until}.`)
  if (!isKeyRequired) {
    terminal.note(
      `${service} asks for no key yet: write \`require_key: true\` under \`service.load_balancer.access\`, and run \`skykeep serve update\`.`,
    )
  }
  return exitCodes.ok
}

/** `skykeep key list SERVICE`: its keys. Returns the exit code. */
export async function keyList(session: Session, service: string, options: Watch): Promise<number> {
  return await showFound(session, options, async () => {
    const keys = await session.api.serviceKeys.list.query({ service })
    return { json: keys, show: (terminal) => showKeys(terminal, keys) }
  })
}

function showKeys(terminal: Terminal, keys: readonly ServiceKeyView[]): void {
  const now = Date.now()
  terminal.table(keys, [
    { title: 'KEY', cell: ({ name }) => name },
    { title: 'STATE', cell: (key) => stateOf(key, now) },
    { title: 'AGE', cell: ({ createdAtMs }) => age(createdAtMs, now) },
    {
      title: 'EXPIRES',
      cell: ({ expiresAtMs }) => (expiresAtMs === null ? 'never' : new Date(expiresAtMs).toISOString()),
    },
  ])
}

function stateOf({ revokedAtMs, expiresAtMs }: ServiceKeyView, nowMs: number): string {
  if (revokedAtMs !== null) return 'revoked'
  return expiresAtMs !== null && expiresAtMs <= nowMs ? 'expired' : 'holds'
}

/** `skykeep key revoke SERVICE NAME`: every gateway refuses it when this returns. Returns the exit code. */
export async function keyRevoke(
  { terminal, api }: Session,
  { service, name }: KeyName,
  { json }: Json,
): Promise<number> {
  await api.serviceKeys.revoke.mutate({ service, name })
  if (json === true) terminal.json({ service, name })
  else terminal.print(`revoked  ${name}`)
  return exitCodes.ok
}
