/** A line of JSON as a person reads it: `12:04:11 warn  worker  message  key=value`. What is no JSON stays as it is. Pure. */
export function readable(line: string): string {
  const entry = parsed(line)
  if (entry === null) return line
  const { time, level, process, pid: _pid, msg, err, ...rest } = entry
  const error = typeof err === 'object' && err !== null && 'message' in err ? { error: err.message } : {}
  const fields = Object.entries({ ...rest, ...error }).map(([key, value]) => `${key}=${shown(value)}`)
  const clock = typeof time === 'string' ? time.slice(11, 19) : ''
  const head = [clock, String(level ?? '').padEnd(5), String(process ?? ''), String(msg ?? '')]
  return `${[...head, ...fields].filter((part) => part !== '').join('  ')}\n`
}

function shown(value: unknown): string {
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value)
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    // An object whose fields are looked at one by one.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
