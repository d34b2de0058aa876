import { hostname } from 'node:os'
import { selfIdentity } from '@skykeep/persistent-path/process-identity'
import { ActiveSupervisor } from './active-supervisor.ts'
import { acquireLock } from './stand-by.ts'
import { RoleServer } from './role-server.ts'
import { StopRequest } from './stop-request.ts'
import type { SupervisorOptions } from './supervisor-options.ts'

/**
 * `skykeep up`: holds the path (or stands by until it can), starts or adopts web, worker and gateway, and keeps them alive. Resolves to the
 * exit code when it is stopped (Ctrl-C, SIGTERM, `POST /stop`): web and worker have ended then; gateway and replicas go on unless the stop
 * asked for the gateway too. May be SIGKILLed at any moment: its children live on, and the next run adopts them (invariant 6).
 * Goes along when the state is moved or config.yaml names another place of it. Ends the process itself, at once and without touching anything, when another plane has taken the path.
 */
export async function runSupervisor(options: SupervisorOptions): Promise<number> {
  const stop = new StopRequest(options.say)
  const release = stop.listenToSignals()
  const role = options.role === undefined ? undefined : new RoleServer(options.role, options.say)
  try {
    let next: SupervisorOptions | undefined = options
    while (next !== undefined) next = await superviseOne(next, stop, role)
    return 0
  } finally {
    role?.close()
    release()
  }
}

/** One path, until it is stopped (undefined) or the state goes elsewhere. */
async function superviseOne(
  options: SupervisorOptions,
  stop: StopRequest,
  role: RoleServer | undefined,
): Promise<SupervisorOptions | undefined> {
  const { clock, say, specs } = options
  const acquired = await acquireLock({
    layout: specs.layout,
    clock,
    name: { ...selfIdentity(), run: options.run, hostname: hostname() },
    say,
    signal: stop.signal,
    onStop: () => stop.ask({ isGatewayIncluded: false, graceMs: 0 }),
  })
  if (acquired === undefined) return undefined
  const active = new ActiveSupervisor(options, acquired, stop)
  role?.follow(() => active.isActive)
  return await active.run()
}
