import { isSkykeepError } from '@skykeep/core/errors'
import type { StateWorkKind } from '@skykeep/core/state-views'
import { recordEvent, type StateEvent } from '@skykeep/state/record-event'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { Interrupted } from '../client/interrupted.ts'
import type { Terminal } from '../output/terminal.ts'

/** Where what was done to the state is told of, and who wished it. */
export interface Told {
  readonly terminal: Terminal
  readonly databaseUrl: string
  /** A user's uid; undefined: whoever sits at the terminal. */
  readonly actor: string | undefined
}

/** Notes it in the log of events. What was done is done, also where that fails: then it is a warning. */
export async function tellOf({ terminal, databaseUrl, actor }: Told, event: StateEvent): Promise<void> {
  await recordEvent(databaseUrl, systemClock, { ...event, actor }).catch((error: unknown) => {
    terminal.note(`warning: no event was written: ${error instanceof Error ? error.message : String(error)}`)
  })
}

const names: Readonly<Record<StateWorkKind, string>> = { backup: 'A backup', verify: 'The check of a backup' }

/** The outcome of the work; where it fails, the log of events says so: nobody may sit at the terminal. Throws what the work throws. */
export async function failuresTold<T>(kind: StateWorkKind, told: Told, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    // Who stops it knows. Without a database there is no log, and none is to be made.
    if (!(error instanceof Interrupted) && !isSkykeepError(error, 'NOT_FOUND')) {
      const isTold = isSkykeepError(error) && error.code !== 'INTERNAL'
      await tellOf(told, {
        type: 'state.failed',
        reason: isSkykeepError(error) ? error.code : 'INTERNAL',
        message: `${names[kind]} failed${isTold ? `: ${error.userMessage}` : ''}.`,
        payload: { work: kind },
      })
    }
    throw error
  }
}
