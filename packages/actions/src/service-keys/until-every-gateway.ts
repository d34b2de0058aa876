import { setTimeout as pause } from 'node:timers/promises'
import type { AccessRoute } from '@skykeep/core/routes'
import { loadRouteTable } from '@skykeep/db/route-state'
import type { ActionContext } from '../context.ts'

const longestMs = 10_000
const againMs = 100

/**
 * Waits until the route table says so of a service's access (undefined: everybody has it) and every gateway process that lives has acked
 * that table. @returns false when that is not so after 10 s.
 */
export async function untilEveryGateway(
  context: ActionContext,
  serviceUid: string,
  isSo: (access: AccessRoute | undefined) => boolean,
): Promise<boolean> {
  const { clock, db } = context
  const deadline = clock.monotonicMs() + longestMs
  for (;;) {
    const table = await loadRouteTable(db)
    const route = table?.services.find((service) => service.serviceUid === serviceUid)
    if (isSo(route?.access) && (await haveAllAcked(context, table?.version ?? -1))) return true
    if (clock.monotonicMs() >= deadline) return false
    await pause(againMs)
  }
}

/** One that lives and does not answer (invariant 6) has acked nothing. */
async function haveAllAcked({ plane }: ActionContext, version: number): Promise<boolean> {
  const living = (await plane.processes()).filter(
    ({ name, state }) => name.startsWith('gateway-') && state !== 'gone',
  )
  const acked = new Map((await plane.gateways()).map(({ pid, appliedVersion }) => [pid, appliedVersion]))
  return living.every(({ pid }) => (acked.get(pid) ?? -1) >= version)
}
