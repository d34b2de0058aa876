import { parentPort, workerData } from 'node:worker_threads'
import { isSkykeepError } from '@skykeep/core/errors'
import { leaseOf } from '@skykeep/controllers/engine-store'
import { openPulse } from '@skykeep/db/open-pulse'
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
const pulse = await openPulse({ url: databaseUrl, clock: workerClock, fence })

const tell = (report: HeartbeatReport): void => port.postMessage(report)

function tellFailure(error: unknown): void {
  if (isSkykeepError(error, 'FENCED')) return tell({ type: 'fenced' })
  const message = error instanceof Error ? error.message : String(error)
  tell({ type: 'failed', code: isSkykeepError(error) ? error.code : 'INTERNAL', message })
}

runHeartbeat(port, wiring, async (claim) => {
  try {
    return await pulse.renew(leaseOf(claim))
  } catch (error) {
    tellFailure(error)
    throw error
  }
})
let isBeating = false
setInterval(() => {
  if (isBeating) return
  isBeating = true
  void pulse
    .beatPlane(planeUid)
    .catch(tellFailure)
    .finally(() => {
      isBeating = false
    })
}, planeBeatMs)
tell({ type: 'ready' })
