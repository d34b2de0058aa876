/** One life of one process: a pid alone names another process after a while. */
export interface ProcessIdentity {
  readonly bootId: string
  readonly pid: number
  /** Start time as `@skykeep/persistent-path/process-identity` reads it. */
  readonly startTime: number
}

/** True when `value` is an identity. */
export function isProcessIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false
  const bootId: unknown = Reflect.get(value, 'bootId')
  return (
    typeof bootId === 'string' &&
    typeof Reflect.get(value, 'pid') === 'number' &&
    typeof Reflect.get(value, 'startTime') === 'number'
  )
}
