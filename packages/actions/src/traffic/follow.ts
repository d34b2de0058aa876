import { setTimeout as pause } from 'node:timers/promises'
import { Bell } from '@skykeep/db/bell'
import { lastCovered } from '@skykeep/db/traffic-reads'
import type { ActionContext } from '../context.ts'

/** After so long time itself has moved what is shown, though nothing more was counted. */
const longestMs = 15_000

/**
 * Gives what `read` says, and again each time that later seconds are counted, at most every `everyMs`; ends with the signal. A commit of
 * any process rings; nobody is asked while nothing is written.
 */
export async function* followCounts<T>(
  context: Pick<ActionContext, 'db' | 'events' | 'clock'>,
  {
    read,
    everyMs,
    signal,
  }: { readonly read: () => Promise<T>; readonly everyMs: number; readonly signal: AbortSignal },
): AsyncGenerator<T> {
  const bell = new Bell(signal, longestMs)
  const stop = context.events.onChange(() => bell.ring())
  try {
    let shown: number | null | undefined
    let shownAtMs = 0
    while (!signal.aborted) {
      bell.arm()
      const counted = await lastCovered(context.db)
      if (counted === shown && context.clock.monotonicMs() - shownAtMs < longestMs) await bell.wait()
      else {
        shown = counted
        shownAtMs = context.clock.monotonicMs()
        yield await read()
        await pause(everyMs, undefined, { signal }).catch(() => undefined)
      }
    }
  } finally {
    stop()
  }
}
