/** The running second of one replica of a service; of replica 0: of what reached none. */
export interface OpenSecond {
  readonly version: number
  readonly replicaId: number
  started: number
  ended: number
  failed: number
  readonly byClass: [number, number, number, number]
  sumMs: number
  inFlightPeak: number
  parkedPeak: number
  /** In flight when the second was over. */
  inFlight: number
  readonly latency: number[]
}
