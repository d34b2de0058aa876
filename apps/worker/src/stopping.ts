import type { Log } from '@skykeep/telemetry/log'

export const exitCodes = { ok: 0, failed: 1, fenced: 4 } as const

const drainMs = 4_000
const stopMs = 5_000

/** On SIGTERM or SIGINT runs `stop` once and leaves; whatever it waits for, the process is gone within five seconds. */
export function stopWithin(log: Log, stop: (graceMs: number) => Promise<boolean>): void {
  let isStopping = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(exitCodes.ok), stopMs).unref()
    stop(drainMs)
      .then((isDrained) => log.info({ signal, isDrained }, 'stopped'))
      .catch((error: unknown) => log.warn({ err: error }, 'stopped without an orderly end'))
      .finally(() => process.exit(exitCodes.ok))
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  // The supervisor's terminal may go: that is not ours.
  process.on('SIGHUP', () => undefined)
}
