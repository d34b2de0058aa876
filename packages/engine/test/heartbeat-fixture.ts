import { parentPort, workerData } from 'node:worker_threads'
import { runHeartbeat, type HeartbeatWiring } from '../src/heartbeat-thread.ts'

interface Fixture extends HeartbeatWiring {
  readonly renewals: SharedArrayBuffer
}

// The test that starts this thread passes exactly this shape.
const wiring = workerData as Fixture
const renewals = new Int32Array(wiring.renewals)
if (parentPort !== null) {
  runHeartbeat(parentPort, wiring, async (claim) => {
    Atomics.add(renewals, 0, 1)
    return claim.uid !== 'taken'
  })
  parentPort.postMessage('ready')
}
