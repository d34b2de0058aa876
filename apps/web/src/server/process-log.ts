import { createLog } from '@skykeep/telemetry/log'

const log = createLog({
  base: { process: 'web', pid: process.pid },
  isReadable: process.stdout.isTTY,
  descriptor: 1,
})

/** One line of JSON on standard output, which the supervisor keeps as `logs/processes/web.log`. Never a secret. */
export function logLine(level: 'info' | 'warn' | 'error', message: string, error?: unknown): void {
  log[level](error === undefined ? {} : { err: error }, message)
}
