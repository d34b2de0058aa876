/** One process of this machine, for ever: boot id, pid and start time in clock ticks since boot. */
export interface LocalProcess {
  readonly pid: number
  readonly startTime: number
  readonly bootId: string
}
