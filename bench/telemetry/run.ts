// What instrumentation costs: the same path with and without it, alternating, medians of ROUNDS rounds.
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { createWorkerTelemetry } from '../../apps/worker/src/telemetry.ts'
import { openDatabase } from '../../packages/db/src/connect.ts'
import { appendEvent } from '../../packages/db/src/events.ts'
import { migrate } from '../../packages/db/src/migrate.ts'
import { ServiceCounter } from '../../packages/gateway/src/service-counter.ts'
import { systemClock as clock } from '../../packages/telemetry/src/system-clock.ts'
import { noTracing } from '../../packages/telemetry/src/traces/tracing.ts'
import { migrationsDir, programVersion } from '../../packages/testing/src/migrations.ts'
import { median } from '../median.ts'

const rounds = Number(process.argv[2] ?? 7)
const requests = 2_000_000
const reconciles = 300

type Path = () => Promise<void> | void

/** Median microseconds of one turn, for each path. */
async function compared(turns: number, paths: readonly [Path, Path]): Promise<readonly [number, number]> {
  const seen: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round += 1) {
    for (const at of [0, 1] as const) {
      const from = performance.now()
      await paths[at]()
      // The first round warms up.
      if (round > 0) seen[at].push(((performance.now() - from) * 1_000) / turns)
    }
  }
  return [median(seen[0]), median(seen[1])]
}

function print(name: string, [without, with_]: readonly [number, number]): void {
  const added = `${((with_ - without) * 1_000).toFixed(0)} ns more`
  console.log(
    `${name}: ${without.toFixed(3)} µs without, ${with_.toFixed(3)} µs with, ratio ${(with_ / without).toFixed(3)}, ${added}`,
  )
}

function gatewayPath(isInstrumented: boolean): Path {
  const replica = { replicaId: 1, version: 1, inFlight: 0 }
  const counter = new ServiceCounter('svc_1')
  return () => {
    for (let request = 0; request < requests; request += 1) {
      counter.start()
      if (isInstrumented) counter.totals.firstByte.note(3)
      counter.end(replica, 200, false, 4)
    }
    counter.close()
  }
}

const folder = mkdtempSync(path.join(tmpdir(), 'bench-telemetry-'))
const url = `file:${path.join(folder, 'state.db')}`
await migrate({ url, migrationsDir, clock, programVersion })
const telemetry = createWorkerTelemetry({ tracing: noTracing, state: { worker: undefined } })
const plain = await openDatabase({ url, clock })
const watched = await openDatabase({ url, clock, observer: telemetry.database })
const claim = { kind: 'service', uid: 'svc_1', token: 1, claimCount: 1, failureCount: 0 }

/** As a run of a controller that writes: one transaction with one event. */
const write = async (database: typeof plain): Promise<void> => {
  await database.transaction((tx) => appendEvent(tx, { kind: 'system', uid: 'bench', type: 'plane.started' }))
}
const reconcilePath: Path = async () => {
  for (let run = 0; run < reconciles; run += 1) await write(plain)
}
const watchedPath: Path = async () => {
  for (let run = 0; run < reconciles; run += 1) {
    telemetry.engine.onClaimed('service', 1)
    await telemetry.engine.around(claim, async () => await write(watched))
    telemetry.engine.onRun(claim, 'done', 1)
  }
}

console.log(
  `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}, ${rounds} rounds`,
)
print(
  'the counting of one request of the gateway',
  await compared(requests, [gatewayPath(false), gatewayPath(true)]),
)
print('one reconcile that writes once (SQLite)', await compared(reconciles, [reconcilePath, watchedPath]))
await Promise.all([plain.close(), watched.close()])
rmSync(folder, { recursive: true, force: true })
