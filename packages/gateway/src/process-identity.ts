/** One life of one process: a pid alone names another process after a while. */
export interface ProcessIdentity {
  readonly bootId: string
  readonly pid: number
  /** Clock ticks after boot, field 22 of /proc/PID/stat; text, because it may exceed a double. */
  readonly startTime: string
}

/** Says whether that very process lives; given by the app. */
export type IsAlive = (identity: ProcessIdentity) => boolean

/** True when `value` is an identity. */
export function isProcessIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false
  const bootId: unknown = Reflect.get(value, 'bootId')
  return (
    typeof bootId === 'string' &&
    typeof Reflect.get(value, 'pid') === 'number' &&
    typeof Reflect.get(value, 'startTime') === 'string'
  )
}
