import { SkykeepError } from '@skykeep/core/errors'
import type { ServiceKeyView, TokenRevocationView } from '@skykeep/core/service-key-views'
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
    { title: 'LAST 4', cell: ({ ending }) => ending },
    { title: 'AGE', cell: ({ createdAtMs }) => age(createdAtMs, now) },
    { title: 'BY', cell: ({ createdBy }) => createdBy },
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

export interface RevokeTokensOptions extends Json {
  /** `jti` of one token. */
  readonly id?: string
  /** `sub` of tokens. */
  readonly subject?: string
}

/** `skykeep key revoke-tokens SERVICE`: every gateway refuses them when this returns. Returns the exit code. Throws INVALID_INPUT. */
export async function keyRevokeTokens(
  { terminal, api }: Session,
  service: string,
  { id, subject, json }: RevokeTokensOptions,
): Promise<number> {
  const value = id ?? subject
  if (value === undefined || (id !== undefined && subject !== undefined)) {
    throw new SkykeepError('INVALID_INPUT', 'key revoke-tokens: --id or --subject', {
      userMessage: 'Say which tokens: one of `--id JTI` and `--subject SUB`.',
      hint: 'Both stand in the claims of a token, which is readable: its middle part is base64url of JSON.',
    })
  }
  const kind = id === undefined ? 'subject' : 'token'
  const revoked = await api.serviceKeys.revokeTokens.mutate({ service, kind, value })
  if (json === true) terminal.json(revoked)
  else terminal.print(`revoked  ${kind} ${value}`)
  if (!revoked.areTokensTaken)
    terminal.note(`${service} takes no signed tokens: see \`tokens\` under \`service.load_balancer.access\`.`)
  return exitCodes.ok
}

/** `skykeep key revoked-tokens SERVICE`. Returns the exit code. */
export async function keyRevokedTokens(session: Session, service: string, options: Watch): Promise<number> {
  return await showFound(session, options, async () => {
    const revoked = await session.api.serviceKeys.revokedTokens.query({ service })
    return { json: revoked, show: (terminal) => showRevoked(terminal, revoked) }
  })
}

function showRevoked(terminal: Terminal, revoked: readonly TokenRevocationView[]): void {
  const now = Date.now()
  terminal.table(revoked, [
    { title: 'WHAT', cell: ({ kind }) => kind },
    { title: 'VALUE', cell: ({ value }) => value },
    { title: 'AGE', cell: ({ revokedAtMs }) => age(revokedAtMs, now) },
    { title: 'BY', cell: ({ revokedBy }) => revokedBy },
  ])
}
