import type { ServiceView, UpResult } from '@skykeep/core/views'
import { untilEndpointAnswers } from '../client/endpoint-answers.ts'
import { followOperation, troubleLines } from '../client/follow-service.ts'
import { patiently } from '../client/outage.ts'
import { sayRecovery, sayTrouble } from '../client/say-recovery.ts'
import { noteOnInterrupt, operationGoesOn, type GoesOn } from '../client/goes-on.ts'
import { sentFile, type CheckedFile, type ServiceFileOptions } from '../client/service-file.ts'
import type { Session } from '../client/session.ts'
import { AskedFailed, exitCodes } from './failure.ts'

export interface ServeUpOptions extends ServiceFileOptions {
  readonly json?: boolean
  /** Return as soon as the request is on disk. */
  readonly async?: boolean
  /** This process is the control plane too: Ctrl-C is the supervisor's. */
  readonly isInSupervisor?: boolean
}

/** `skykeep serve up FILE`: asks for the service and shows its way until it answers. Returns the exit code. */
export async function serveUp(session: Session, file: CheckedFile, options: ServeUpOptions): Promise<number> {
  const result = await asked(session, file.name, options, async () => {
    await sayTrouble(session, file.name)
    const sent = await sentFile(session, file)
    return await session.api.services.up.mutate({ ...sent, name: file.name })
  })
  return await showUp(session, result, options)
}

/** `skykeep serve up NAME`: a living service, whatever became of its control. Returns the exit code. */
export async function serveUpAgain(session: Session, name: string, options: ServeUpOptions): Promise<number> {
  const result = await asked(session, name, options, async () => {
    await sayTrouble(session, name)
    return await session.api.services.revive.mutate({ name })
  })
  return await showUp(session, result, options)
}

/** Until there is an answer, Ctrl-C cannot say whether the service was asked for, but where to see it. */
async function asked(
  session: Session,
  name: string,
  options: ServeUpOptions,
  ask: () => Promise<UpResult>,
): Promise<UpResult> {
  const takeBack = noteUnlessSupervisor(session, options, {
    what: `before there was an answer. Whether ${name} was asked for`,
    look: `skykeep ops`,
  })
  try {
    return await ask()
  } finally {
    takeBack()
  }
}

function noteUnlessSupervisor(session: Session, options: ServeUpOptions, goesOn: GoesOn): () => void {
  return options.isInSupervisor === true ? () => undefined : noteOnInterrupt(session.terminal, goesOn)
}

/** True for what can only be the name of a service: no path, no file here. */
export function isServiceName(text: string, hasFile: (file: string) => boolean): boolean {
  return /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(text) && !hasFile(text)
}

async function showUp(session: Session, result: UpResult, options: ServeUpOptions): Promise<number> {
  const { terminal } = session
  if (options.async === true) {
    if (options.json === true) terminal.json(result)
    else
      terminal.print(`asked  ${result.name}  ${result.endpointUrl}  (${result.operationUid ?? 'up already'})`)
    return exitCodes.ok
  }
  const { operationUid, name } = result
  const takeBack = noteUnlessSupervisor(
    session,
    options,
    operationUid === null
      ? { what: `${name} goes on`, look: `skykeep serve status ${name}` }
      : operationGoesOn(`serve up of ${name}`, operationUid),
  )
  if (operationUid === null) await sayFound(session, result)
  else {
    if (result.note !== null) terminal.note(`warning ${result.note}`)
    terminal.note(`serve   ${name}  ${operationUid}`)
    await untilUp(session, operationUid, name)
  }
  const isAnswering = await isReachable(session, result)
  takeBack()
  if (options.json === true) terminal.json(result)
  else terminal.print(`${isAnswering ? 'ready' : 'up'}  ${result.name}  ${result.endpointUrl}`)
  return exitCodes.ok
}

/** What there was already: the service, and what the plane that was just started found of it. */
async function sayFound(session: Session, { name, note }: UpResult): Promise<void> {
  session.terminal.note(`serve   ${note ?? `${name} is up already.`}`)
  await sayRecovery(session, name)
}

/** Whether the endpoint answers; where it does not, the person is told why. An answer on a blocked port is another program's. */
async function isReachable(
  session: Session,
  { name, endpointUrl }: { readonly name: string; readonly endpointUrl: string },
): Promise<boolean> {
  const read = (): Promise<ServiceView> => patiently(session, () => session.api.services.get.query({ name }))
  const before = await read()
  const isBlocked = before.endpoint?.status === 'BLOCKED'
  if (!isBlocked && (await untilEndpointAnswers(endpointUrl))) return true
  const service = isBlocked ? before : await read()
  const trouble = troubleLines(session, service)
  for (const line of trouble) session.terminal.note(line)
  if (trouble.length === 0)
    session.terminal.note(`  ${endpointUrl} does not answer yet: ${service.statusReason || service.status}`)
  return false
}

async function untilUp(session: Session, operationUid: string, name: string): Promise<void> {
  const operation = await followOperation(session, operationUid, name)
  if (operation.status === 'SUCCEEDED') return
  const ended = await lastEnded(session, name)
  throw new AskedFailed(
    `${name}: ${operation.statusReason}`,
    `See why with \`skykeep serve logs ${name}${ended === undefined ? '' : ` ${ended}`}\`; Skykeep keeps trying until \`skykeep serve down ${name}\`.`,
  )
}

/** The replica whose log says most: the newest one that ended. */
async function lastEnded(session: Session, name: string): Promise<number | undefined> {
  const service = await session.api.services.get.query({ name }).catch(() => undefined)
  const ids = service?.replicas.flatMap(({ id, outcome }) => (outcome === null ? [] : [id])) ?? []
  return ids.length === 0 ? undefined : Math.max(...ids)
}
