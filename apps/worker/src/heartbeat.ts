import { parentPort, workerData } from 'node:worker_threads'
import { isSkykeepError } from '@skykeep/core/errors'
import { leaseOf } from '@skykeep/controllers/engine-store'
import { openDatabase } from '@skykeep/db/connect'
import { renew } from '@skykeep/db/leases'
import { beatPlane } from '@skykeep/db/planes'
import { runHeartbeat, type HeartbeatWiring } from '@skykeep/engine/heartbeat-thread'
import { workerClock } from './worker-clock.ts'

/** What the heartbeat thread is started with. */
export interface HeartbeatData extends HeartbeatWiring {
  readonly databaseUrl: string
  readonly fence: number
  readonly planeUid: string
}

/** What it tells: `fenced` ends the process, `failed` says that storage refuses a write. */
export type HeartbeatReport =
  | { readonly type: 'ready' }
  | { readonly type: 'fenced' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

const planeBeatMs = 5_000

if (parentPort === null) throw new Error('the heartbeat runs as a thread of the worker')
const port = parentPort
// The worker starts this thread with exactly this shape (main-thread side: start-heartbeat.ts).
const wiring = workerData as HeartbeatData
const { databaseUrl, fence, planeUid } = wiring
const database = await openDatabase({ url: databaseUrl, clock: workerClock })

const tell = (report: HeartbeatReport): void => port.postMessage(report)

function tellFailure(error: unknown): void {
  if (isSkykeepError(error, 'FENCED')) return tell({ type: 'fenced' })
  const message = error instanceof Error ? error.message : String(error)
  tell({ type: 'failed', code: isSkykeepError(error) ? error.code : 'INTERNAL', message })
}

runHeartbeat(port, wiring, async (claim) => {
  try {
    const lost = await database.transaction((tx) => renew(tx, [leaseOf(claim)]), { fence })
    return lost.length === 0
  } catch (error) {
    tellFailure(error)
    throw error
  }
})
let isBeating = false
setInterval(() => {
  if (isBeating) return
  isBeating = true
  void database
    .transaction((tx) => beatPlane(tx, planeUid), { fence })
    .catch(tellFailure)
    .finally(() => {
      isBeating = false
    })
}, planeBeatMs)
tell({ type: 'ready' })
