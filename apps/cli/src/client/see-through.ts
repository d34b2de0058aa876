import { AskedFailed } from '../commands/failure.ts'
import { followOperation } from './follow-service.ts'
import { noteOnInterrupt, operationGoesOn } from './goes-on.ts'
import type { Session } from './session.ts'

export interface Seen {
  readonly operationUid: string
  readonly name: string
  /** What goes on when the person stops waiting: `the rollout of hello`. */
  readonly what: string
  /** How it is taken back where it cannot be cancelled, as a sentence without its end. */
  readonly takeBack?: string
  /** What to do when it failed, as one sentence. */
  readonly hint: string | (() => Promise<string>)
}

/** Shows an operation's way to its end. Ctrl-C ends only the waiting. Throws AskedFailed when it did not succeed. */
export async function seeThrough(session: Session, seen: Seen): Promise<void> {
  const { what, operationUid } = seen
  const takeBack = noteOnInterrupt(session.terminal, operationGoesOn(what, operationUid, seen.takeBack))
  const operation = await followOperation(session, operationUid, seen.name)
  takeBack()
  if (operation.status === 'SUCCEEDED') return
  const hint = typeof seen.hint === 'string' ? seen.hint : await seen.hint()
  throw new AskedFailed(`${seen.name}: ${operation.statusReason}`, hint)
}
