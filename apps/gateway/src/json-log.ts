import type { Clock } from '@skykeep/core/clock'
import type { GatewayLog } from '@skykeep/gateway/gateway-log'

/** One JSON line for each event on standard error. A log that cannot be written is no reason to stop serving. */
export function makeJsonLog(clock: Clock, base: Readonly<Record<string, unknown>>): GatewayLog {
  const write = (level: string, message: string, context: Readonly<Record<string, unknown>> = {}): void => {
    const time = new Date(clock.now()).toISOString()
    process.stderr.write(`${JSON.stringify({ time, level, ...base, message, ...context })}\n`)
  }
  return {
    info: (message, context) => write('info', message, context),
    warn: (message, context) => write('warn', message, context),
    error: (message, context) => write('error', message, context),
  }
}
