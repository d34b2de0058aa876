import type { Service } from '@skykeep/core/nouns'
import type { ShownServiceStatus } from '@skykeep/core/views'

/** A due row that no controller has touched for longer has none (invariant 20). */
export const controllerSilenceMs = 30_000

/**
 * The status as shown: CONTROLLER_FAILED, with why, when the row has been due for longer than `controllerSilenceMs` without a controller
 * holding it, or when it was set aside. Only shown: nothing is decided on these wall-clock times.
 */
export function shownStatusOf(
  service: Service,
  nowMs: number,
): { readonly status: ShownServiceStatus; readonly statusReason: string } {
  const stored = { status: service.status, statusReason: service.statusReason }
  if (service.status === 'TERMINATED') return stored
  if (service.setAsideReason !== null) {
    return { status: 'CONTROLLER_FAILED', statusReason: `set aside: ${service.setAsideReason}` }
  }
  if (service.nextReconcileAtMs === null) return stored
  const quietSinceMs = Math.max(
    service.nextReconcileAtMs,
    service.controllerSeenAtMs ?? 0,
    service.createdAtMs,
  )
  const quietMs = nowMs - quietSinceMs
  if (quietMs <= controllerSilenceMs) return stored
  const seconds = Math.floor(quietMs / 1000)
  return {
    status: 'CONTROLLER_FAILED',
    statusReason: `no controller has looked at it for ${seconds} s; it goes on serving (last known: ${service.status})`,
  }
}
