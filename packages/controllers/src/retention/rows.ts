import { pruneEvents, prunableSeq } from '@skykeep/db/events'
import { crowdedServices, deleteHistory, surplusRows, type History } from '@skykeep/db/prune-history'
import { deleteIdempotencyRecords, prunableIdempotencyMs } from '@skykeep/db/idempotency-keys'
import { deleteOperations, surplusOperations } from '@skykeep/db/prune-operations'
import {
  deleteCounts,
  deleteUnfinished,
  nextCountedService,
  nextUnfinishedService,
  prunableSecond,
  surplusUnfinished,
} from '@skykeep/db/prune-requests'
import { countedSeconds } from '@skykeep/db/request-counts'
import { readCoverage } from '@skykeep/db/traffic-reads'
import { deleteCoverage, deleteSteps, prunableStep } from '@skykeep/db/traffic-rollups'
import { trafficSteps } from '@skykeep/core/traffic'
import { write } from '../context.ts'
import type { RetentionParts, RetentionPass } from './parts.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
/** Counts older than the ring is long stand in slots that nothing wrote again; this much later they go. */
const countedForSeconds = 2 * countedSeconds

/** Removes what lies beyond the limits and depends on nothing else: events, operations, counts and the histories of services. */
export async function pruneRows(parts: RetentionParts, pass: RetentionPass): Promise<void> {
  await pruneOldEvents(parts, pass)
  for (const history of ['decisions', 'recoveryReports', 'rollouts', 'drills'] as const) {
    const keep = parts.limits[history]
    for (const serviceUid of await crowdedServices(parts.database, history, keep)) {
      await pruneHistory(parts, pass, { history, serviceUid, keep })
    }
  }
  const operations = await pass.drain(async () => {
    const uids = await surplusOperations(parts.database, parts.limits.operations)
    return uids.length === 0 ? 0 : (await write(parts, (tx) => deleteOperations(tx, uids))).length
  })
  pass.note('operations', operations)
  await pruneAllUnfinished(parts, pass)
  await pruneCounts(parts, pass)
  await pruneTraffic(parts, pass)
  await pruneIdempotencyRecords(parts, pass)
}

/** Removes what one service has of a history beyond the newest `keep`. */
export async function pruneHistory(
  parts: RetentionParts,
  pass: RetentionPass,
  of: { readonly history: History; readonly serviceUid: string; readonly keep: number },
): Promise<void> {
  const { history } = of
  const gone = await pass.drain(async () => {
    const uids = await surplusRows(parts.database, history, of)
    return uids.length === 0 ? 0 : await write(parts, (tx) => deleteHistory(tx, history, uids))
  })
  if (history !== 'decisions') pass.note(history, gone)
}

/** Removes what one service has of unfinished requests beyond the limits. */
export async function pruneUnfinished(
  parts: RetentionParts,
  pass: RetentionPass,
  of: { readonly serviceUid: string; readonly keep: number; readonly beforeMs: number | null },
): Promise<void> {
  const gone = await pass.drain(async () => {
    const keys = await surplusUnfinished(parts.database, of)
    return keys.length === 0 ? 0 : await write(parts, (tx) => deleteUnfinished(tx, keys))
  })
  pass.note('unfinishedRequests', gone)
}

async function pruneOldEvents({ limits, ...parts }: RetentionParts, pass: RetentionPass): Promise<void> {
  const beforeMs = pass.before(limits.eventDays * dayMs)
  await pass.drain(async () => {
    // Looked at outside first: an idle plane takes no right to write for it.
    if ((await prunableSeq(parts.database, limits.events, beforeMs)) === null) return 0
    return await write(parts, (tx) => pruneEvents(tx, limits.events, beforeMs))
  })
}

async function pruneAllUnfinished(parts: RetentionParts, pass: RetentionPass): Promise<void> {
  const { limits, database } = parts
  const beforeMs = pass.before(limits.unfinishedRequestDays * dayMs)
  let next = await nextUnfinishedService(database, '')
  while (next !== null && !pass.isSpent) {
    const { serviceUid } = next
    await pruneUnfinished(parts, pass, { serviceUid, keep: limits.unfinishedRequests, beforeMs })
    next = await nextUnfinishedService(database, serviceUid)
  }
}

async function pruneCounts(parts: RetentionParts, pass: RetentionPass): Promise<void> {
  if (pass.nowMs === null) return
  const { database } = parts
  const beforeSecond = Math.floor(pass.nowMs / 1_000) - countedForSeconds
  let next = await nextCountedService(database, '')
  while (next !== null && !pass.isSpent) {
    const { serviceUid, oldestSecond } = next
    if (oldestSecond < beforeSecond) {
      await pass.drain(async () => {
        const through = await prunableSecond(database, serviceUid, beforeSecond)
        return through === null ? 0 : await write(parts, (tx) => deleteCounts(tx, serviceUid, through))
      })
    }
    next = await nextCountedService(database, serviceUid)
  }
}

async function pruneTraffic(parts: RetentionParts, pass: RetentionPass): Promise<void> {
  if (pass.nowMs === null) return
  const { database, limits } = parts
  const nowSecond = Math.floor(pass.nowMs / 1_000)
  const kept = [
    { stepSeconds: trafficSteps.fine, hours: limits.trafficFineHours },
    { stepSeconds: trafficSteps.coarse, hours: limits.trafficHours },
  ]
  for (const { stepSeconds, hours } of kept) {
    const beforeSecond = nowSecond - hours * 3_600
    await pass.drain(async () => {
      const through = await prunableStep(database, { stepSeconds, beforeSecond })
      return through === null ? 0 : await write(parts, (tx) => deleteSteps(tx, stepSeconds, through))
    })
  }
  const coveredSince = nowSecond - Math.max(limits.trafficFineHours, limits.trafficHours) * 3_600
  const [oldest] = await readCoverage(database, 0)
  if (oldest !== undefined && oldest.toSecond < coveredSince)
    await write(parts, (tx) => deleteCoverage(tx, coveredSince))
}

/** After that a key is as good as new: a look-up passes over an older record also before it goes. */
async function pruneIdempotencyRecords(parts: RetentionParts, pass: RetentionPass): Promise<void> {
  const { database, limits } = parts
  const beforeMs = pass.before(limits.idempotencyKeyHours * hourMs)
  if (beforeMs === null) return
  await pass.drain(async () => {
    const throughMs = await prunableIdempotencyMs(database, beforeMs)
    return throughMs === null ? 0 : await write(parts, (tx) => deleteIdempotencyRecords(tx, throughMs))
  })
}
