import type { SecondCounts, UnfinishedRequest } from '@skykeep/core/routes'
import { appendEvent } from '@skykeep/db/events'
import { countsCursor, recordCounts } from '@skykeep/db/request-counts'
import { insertUnfinished } from '@skykeep/db/unfinished-requests'
import type { Tx } from '@skykeep/db/handles'
import { write, type ControllerContext } from '../context.ts'
import { ackCounts, ackUnfinished, getCounts, getUnfinished } from './gateway-answers.ts'
import type { Gateways } from './gateways.ts'

/** Listed one by one in an event; the rest is only counted there, and complete in its own rows. */
const listedInEvent = 20

/**
 * Takes the counts that gateways keep, and acks them once they are committed (invariant 11). @returns the new ones.
 * @param onComplete told the last second up to which all counts of a process life are committed.
 */
export async function collectCounts(
  context: ControllerContext,
  gateways: Gateways,
  onComplete: (epoch: string, second: number) => void,
): Promise<readonly SecondCounts[]> {
  const fresh: SecondCounts[] = []
  for (const { name, status } of gateways.answering) {
    const { epoch, unacked } = status
    if (unacked?.counts === 0) {
      if (unacked.closedSecond !== undefined) onComplete(epoch, unacked.closedSecond)
      continue
    }
    const after = await countsCursor(context.database, epoch)
    const batch = await getCounts(gateways.channel, name, after)
    if (batch.epoch !== epoch) continue
    if (batch.counts.length > 0) {
      const seq = await write(context, (tx) => recordCounts(tx, batch))
      await ackCounts(gateways.channel, name, seq)
      fresh.push(...batch.counts.filter((count) => count.seq > after))
    }
    if (batch.completeToSecond !== undefined) onComplete(epoch, batch.completeToSecond)
  }
  return fresh
}

/** Takes what dead gateway lives had in flight: rows, an event and a line a service; acked once committed. */
export async function collectUnfinished(context: ControllerContext, gateways: Gateways): Promise<void> {
  for (const { name, status } of gateways.answering) {
    if (status.unacked?.reports === 0) continue
    for (const { epoch, requests } of await getUnfinished(gateways.channel, name)) {
      const fresh = await write(context, async (tx) => {
        const added = await insertUnfinished(tx, epoch, requests)
        for (const [serviceUid, ofService] of byService(added))
          await appendUnfinished(tx, serviceUid, ofService)
        return added
      })
      for (const [, ofService] of byService(fresh))
        logUnfinished(context, ofService, 'a gateway process died')
      await ackUnfinished(gateways.channel, name, epoch)
    }
  }
}

/** One log line that names every request, as SkyServe's issue asks: `Unfinished requests: …`. */
export function logUnfinished(
  context: ControllerContext,
  requests: readonly UnfinishedRequest[],
  because: string,
): void {
  const [first] = requests
  if (first === undefined) return
  const { serviceUid, serviceName } = first
  context.log.warn({ serviceUid, serviceName, because, count: requests.length }, unfinishedLine(requests))
}

export function unfinishedLine(requests: readonly UnfinishedRequest[]): string {
  const list = requests.map(
    ({ method, path, replicaUid, sinceMs, kind }) =>
      `${method} ${path} (${kind}, ${replicaUid ?? 'no replica'}, since ${new Date(sinceMs).toISOString()})`,
  )
  return `Unfinished requests: ${list.length === 0 ? 'none' : list.join('; ')}`
}

async function appendUnfinished(
  tx: Tx,
  serviceUid: string,
  requests: readonly UnfinishedRequest[],
): Promise<void> {
  const names = requests
    .slice(0, listedInEvent)
    .map(({ method, path, kind }) => `${method} ${path} (${kind})`)
  const more = requests.length > listedInEvent ? ` and ${requests.length - listedInEvent} more` : ''
  await appendEvent(tx, {
    kind: 'service',
    uid: serviceUid,
    serviceName: requests[0]?.serviceName ?? '',
    type: 'requests.unfinished',
    reason: 'GATEWAY_DIED',
    message: `Unfinished requests: ${names.join(', ')}${more}`,
    payload: { count: requests.length },
  })
}

function byService(
  requests: readonly UnfinishedRequest[],
): ReadonlyMap<string, readonly UnfinishedRequest[]> {
  return Map.groupBy(requests, ({ serviceUid }) => serviceUid)
}
