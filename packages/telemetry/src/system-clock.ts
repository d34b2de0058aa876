import { performance } from 'node:perf_hooks'

/** The machine's own clocks; only apps hand it on. Fits `Clock` of `@skykeep/core`, which this package may not import. */
export const systemClock = {
  now: (): number => Date.now(),
  monotonicMs: (): number => performance.now(),
}
