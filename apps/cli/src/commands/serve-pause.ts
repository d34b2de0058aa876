import type { RequestedView } from '@skykeep/core/views'
import { seeThrough } from '../client/see-through.ts'
import type { Session } from '../client/session.ts'
import { exitCodes } from './failure.ts'

export interface AskOptions {
  readonly json?: boolean
  /** Return as soon as the request is on disk. */
  readonly async?: boolean
}

/** `skykeep serve pause NAME`: no replica runs, the endpoint stays and says so. Returns the exit code. */
export async function servePause(session: Session, name: string, options: AskOptions): Promise<number> {
  const asked = await session.api.services.pause.mutate({ name })
  return await seeAsked(session, asked, {
    ...options,
    doing: 'pause',
    done: 'paused',
    what: (service) => `the pause of ${service}`,
    takeBack: (service) => `to take it back: \`skykeep serve resume ${service}\``,
  })
}

/** `skykeep serve resume NAME`: the end of a pause. Returns the exit code. */
export async function serveResume(session: Session, name: string, options: AskOptions): Promise<number> {
  const asked = await session.api.services.resume.mutate({ name })
  return await seeAsked(session, asked, {
    ...options,
    doing: 'resume',
    done: 'resumed',
    what: (service) => `the resume of ${service}`,
  })
}

export interface Words extends AskOptions {
  /** The verb, for progress. */
  readonly doing: string
  /** The same once it is done. */
  readonly done: string
  /** What goes on when the person stops waiting. */
  readonly what: (name: string) => string
  /** How it is taken back; absent: it can be cancelled. */
  readonly takeBack?: (name: string) => string
}

/** Follows what was asked for to its end and says so. Returns the exit code. */
export async function seeAsked(session: Session, asked: RequestedView, words: Words): Promise<number> {
  const { terminal } = session
  const { operationUid, name } = asked
  const { doing, done } = words
  if (words.async !== true) {
    terminal.note(`${doing.padEnd(7)} ${name}  ${operationUid}`)
    await seeThrough(session, {
      operationUid,
      name,
      what: words.what(name),
      ...(words.takeBack === undefined ? {} : { takeBack: words.takeBack(name) }),
      hint: `See \`skykeep ops ${operationUid}\`; Skykeep goes on trying.`,
    })
  }
  if (words.json === true) terminal.json(asked)
  else terminal.print(words.async === true ? `asked  ${name}  (${operationUid})` : `${done}  ${name}`)
  return exitCodes.ok
}
