import { AskedFailed, asTyped, exitCodes } from '../commands/failure.ts'
import { followOperation } from './follow-service.ts'
import type { Session } from './session.ts'

export interface Seen {
  readonly operationUid: string
  readonly name: string
  /** What goes on when the person stops waiting: `it goes on starting`. */
  readonly goesOn: string
  /** What to do when it failed, as one sentence. */
  readonly hint: string | (() => Promise<string>)
}

/** Shows an operation's way to its end. Ctrl-C ends only the waiting. Throws AskedFailed when it did not succeed. */
export async function seeThrough(session: Session, seen: Seen): Promise<void> {
  const takeBack = noteOnInterrupt(session, seen)
  const operation = await followOperation(session, seen.operationUid, seen.name)
  takeBack()
  if (operation.status === 'SUCCEEDED') return
  const hint = typeof seen.hint === 'string' ? seen.hint : await seen.hint()
  throw new AskedFailed(`${seen.name}: ${operation.statusReason}`, hint)
}

/** Ctrl-C while waiting ends the waiting only. Returns what takes the note back. */
export function noteOnInterrupt(
  { terminal }: Session,
  { name, goesOn }: Pick<Seen, 'name' | 'goesOn'>,
): () => void {
  const onInterrupt = (): void => {
    terminal.note(asTyped(`\nstopped waiting; ${goesOn}. See \`skykeep serve status ${name}\`.`))
    process.exit(exitCodes.interrupted)
  }
  process.once('SIGINT', onInterrupt)
  return () => void process.off('SIGINT', onInterrupt)
}
