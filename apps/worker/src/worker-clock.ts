import type { Clock } from '@skykeep/core/clock'
import { threadMonotonicMs } from '@skykeep/engine/heartbeat-thread'

/** The machine's clocks; the monotonic one is the same in every thread of this process. */
export const workerClock: Clock = { now: () => Date.now(), monotonicMs: threadMonotonicMs }
