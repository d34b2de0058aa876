import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '@skykeep/core/clock'
import { isBusy } from './database-errors.ts'

export interface Patience {
  readonly clock: Clock
  /** Longest wait for another process's lock, milliseconds on the monotonic clock. */
  readonly waitMs: number
}

/** Repeats `attempt` while another process holds the database, pausing 1 to 16 ms without blocking the event loop. */
export async function patiently<T>(patience: Patience, attempt: () => Promise<T>): Promise<T> {
  const endMs = patience.clock.monotonicMs() + patience.waitMs
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 16)) {
    try {
      return await attempt()
    } catch (error) {
      if (!isBusy(error) || patience.clock.monotonicMs() >= endMs) throw error
      await pause(pauseMs)
    }
  }
}
