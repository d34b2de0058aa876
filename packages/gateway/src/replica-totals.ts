import { latencyBoundsMs } from '@skykeep/core/routes'
import { connectBuckets } from '@skykeep/telemetry/metrics/gateway'
import { Durations } from './durations.ts'

const connectBoundsMs = connectBuckets.map((seconds) => seconds * 1000)

/** What one process counts of a replica for as long as a table names it, beside its requests. */
export class ReplicaTotals {
  readonly firstByte = new Durations(latencyBoundsMs)
  readonly connect = new Durations(connectBoundsMs)
  connectFailures = 0
  /** Requests that went on from it to another one. */
  retries = 0
  ejections = 0
  /** Of connections that are closed. */
  bytesRead = 0
  bytesWritten = 0
}
