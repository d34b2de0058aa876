import type { Terminal } from '../output/terminal.ts'
import { Interrupted } from './interrupted.ts'
import { Interruption } from './interruption.ts'

export interface StopWords {
  /** What becomes of what was begun, said once it has stopped. */
  readonly stopped: string
  /** Said instead of stopping, once it is too late for that; null: it can still be stopped. */
  readonly goesOn?: () => string | null
}

/**
 * Work on the state that Ctrl-C stops where nothing is left half done: `check` is called there, and throws Interrupted. A second Ctrl-C ends
 * the process at once, which the work survives as it survives any death.
 */
export async function stoppable<T>(
  { note }: Pick<Terminal, 'note'>,
  { stopped, goesOn }: StopWords,
  work: (check: () => void) => Promise<T>,
): Promise<T> {
  const interruption = new Interruption(() =>
    note(`\n${goesOn?.() ?? 'stopping at the next safe place'} (again to end at once) …`),
  )
  let interrupted: Interrupted | undefined
  const check = (): void => {
    if (!interruption.signal.aborted || (goesOn?.() ?? null) !== null) return
    interrupted = new Interrupted(stopped)
    throw interrupted
  }
  try {
    const result = await work(check)
    if (interrupted === undefined) return result
  } catch (error) {
    // Work that reads may have taken it for damage of what it reads.
    throw interrupted ?? error
  } finally {
    interruption.release()
  }
  throw interrupted
}
