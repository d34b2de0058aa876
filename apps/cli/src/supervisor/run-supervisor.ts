import { hostname } from 'node:os'
import { selfIdentity } from '@skykeep/persistent-path/process-identity'
import { ActiveSupervisor } from './active-supervisor.ts'
import { acquireLock } from './stand-by.ts'
import { StopRequest } from './stop-request.ts'
import type { SupervisorOptions } from './supervisor-options.ts'

/**
 * `skykeep up`: holds the path (or stands by until it can), starts or adopts web, worker and gateway, and keeps them alive. Resolves to the
 * exit code when it is stopped (Ctrl-C, SIGTERM, `POST /stop`): web and worker have ended then; gateway and replicas go on unless the stop
 * asked for the gateway too. May be SIGKILLed at any moment: its children live on, and the next run adopts them (invariant 6).
 * Ends the process itself, at once and without touching anything, when another plane has taken the path.
 */
export async function runSupervisor(options: SupervisorOptions): Promise<number> {
  const stop = new StopRequest(options.say)
  const release = stop.listenToSignals()
  try {
    const { clock, say, specs } = options
    const name = { ...selfIdentity(), run: options.run, hostname: hostname() }
    const acquired = await acquireLock({
      layout: specs.layout,
      clock,
      name,
      say,
      signal: stop.signal,
      onStop: () => stop.ask({ isGatewayIncluded: false, graceMs: 0 }),
    })
    if (acquired === undefined) return 0
    return await new ActiveSupervisor(options, acquired, stop).run()
  } finally {
    release()
  }
}
