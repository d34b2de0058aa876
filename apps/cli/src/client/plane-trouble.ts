import { callControl } from '@skykeep/persistent-path/control'
import { SkykeepError } from '@skykeep/core/errors'
import type { Place } from './plane.ts'

/** What a supervisor that lives says of the process that this command line talks to. */
export interface SeenSupervisor {
  /** Undefined while it is still taking over. */
  readonly webState: string | undefined
  readonly webReason: string | undefined
}

/** Asks the supervisor of this path; undefined where none answers. */
export async function seeSupervisor(place: Place): Promise<SeenSupervisor | undefined> {
  const { supervisorSocket } = place.layout
  const status = await callControl(supervisorSocket, { method: 'GET', path: '/status' }).catch(
    () => undefined,
  )
  if (typeof status !== 'object' || status === null || !('processes' in status)) return undefined
  const processes: readonly unknown[] = Array.isArray(status.processes) ? status.processes : []
  const web = processes.find(
    (each) => typeof each === 'object' && each !== null && 'name' in each && each.name === 'web',
  )
  const { state, reason } = (web ?? {}) as { readonly state?: unknown; readonly reason?: unknown }
  return {
    webState: typeof state === 'string' ? state : undefined,
    webReason: typeof reason === 'string' ? reason : undefined,
  }
}

/** True when waiting does not help: somebody else has to free the port first. */
export function isBlocked(seen: SeenSupervisor | undefined): boolean {
  return seen?.webState === 'blocked'
}

/** Why no control plane answers on this path, and what to do. */
export function noPlane(place: Place, seen: SeenSupervisor | undefined): SkykeepError {
  const { path, configFile } = place.resolved
  if (seen === undefined) {
    return new SkykeepError('UNAVAILABLE', `no control plane is running on ${path}`, {
      hint: 'Start one with `npm start` (services that were up go on meanwhile), or name another path in SKYPILOT_PERSISTENT_PATH.',
    })
  }
  const why = seen.webReason === undefined ? 'it is still starting' : `web: ${seen.webReason}`
  return new SkykeepError('UNAVAILABLE', `the control plane on ${path} does not answer yet: ${why}`, {
    hint: isBlocked(seen)
      ? `Free that port and it goes on by itself; or set another one as \`web.port\` in ${configFile}, run \`skykeep stop\` and start again. Services go on meanwhile.`
      : `Run the same command in a moment. Its log is ${place.layout.processLog('supervisor')}, the one of web ${place.layout.processLog('web')}.`,
  })
}
