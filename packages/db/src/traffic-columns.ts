import { latencyBoundsMs } from '@skykeep/core/routes'

/** Columns of the histogram in `traffic_rollups`: one a bound, and one for what took longer. */
export const latencyColumns: readonly string[] = [...latencyBoundsMs, null].map((_, at) => `latency_${at}`)
