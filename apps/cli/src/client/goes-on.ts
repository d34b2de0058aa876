import { asTyped, exitCodes } from '../commands/failure.ts'
import type { Terminal } from '../output/terminal.ts'

/** What a person is told who ends the waiting, but not what is waited for. */
export interface GoesOn {
  /** As the beginning of a sentence: `serve up of hello goes on`. */
  readonly what: string
  /** The line that shows it. */
  readonly look: string
  /** How it is stopped or taken back, as a sentence without its end; absent: it is only looked at. */
  readonly stop?: string
}

/** `serve up of hello goes on: \`skykeep ops op_1 --watch\`; to cancel it: \`skykeep ops cancel op_1\`.` */
export function goesOnText({ what, look, stop }: GoesOn): string {
  return asTyped(`${what}: \`${look}\`${stop === undefined ? '' : `; ${stop}`}.`)
}

/** What goes on of an operation. Teardowns, pauses, off-hours and ends of replicas are not cancelled: `takeBack` says what there is instead. */
export function operationGoesOn(what: string, operationUid: string, takeBack?: string): GoesOn {
  return {
    what: `${what} goes on`,
    look: `skykeep ops ${operationUid} --watch`,
    stop: takeBack ?? `to cancel it: \`skykeep ops cancel ${operationUid}\``,
  }
}

/** A service that was only looked at. */
export function serviceGoesOn(name: string): GoesOn {
  return {
    what: `${name} goes on`,
    look: `skykeep serve status ${name}`,
    stop: `to end it: \`skykeep serve down ${name}\``,
  }
}

export interface NoteOptions {
  readonly stopped?: string
  /** Done before the process ends. */
  readonly before?: () => void
}

/** Ctrl-C while waiting ends the waiting only, says what goes on and exits with 130; a second one ends at once. Returns what takes that back. */
export function noteOnInterrupt(
  { note }: Pick<Terminal, 'note'>,
  goesOn: GoesOn,
  { stopped = 'stopped waiting', before = () => undefined }: NoteOptions = {},
): () => void {
  const onSignal = (): void => {
    before()
    note(`\n${stopped}: ${goesOnText(goesOn)}`)
    process.exit(exitCodes.interrupted)
  }
  process.once('SIGINT', onSignal)
  return () => void process.off('SIGINT', onSignal)
}
