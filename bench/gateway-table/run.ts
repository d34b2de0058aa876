// node bench/gateway-table/run.ts [SERVICES] [REPLICAS EACH] [ROUNDS]: what a large route table costs a gateway process: reading it, putting a
// change in force, and choosing a replica by each policy.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RouteTable, ServiceRoute } from '../../packages/core/src/routes.ts'
import { loadBalancingPolicies } from '../../packages/core/src/service-spec.ts'
import { readRouteFile, routeFileText } from '../../packages/gateway/src/route-file.ts'
import { RouteState } from '../../packages/gateway/src/route-state.ts'
import { ServiceCounter } from '../../packages/gateway/src/service-counter.ts'
import { median } from '../median.ts'

const [services = 1000, replicas = 10, rounds = 9] = process.argv.slice(2).map(Number)
const choices = 200_000

function tableOf(version: number, policy: ServiceRoute['policy']): RouteTable {
  return {
    format: 1,
    version,
    installationId: 'ins_bench',
    services: Array.from({ length: services }, (_, service) => ({
      serviceUid: `svc_${service}`,
      serviceName: `service-${service}`,
      host: '127.0.0.1',
      port: 30_001 + service,
      policy,
      ...(policy === 'consistent_hash' ? { hash: { by: 'path', loadFactor: 1.25 } as const } : {}),
      streamTimeoutSeconds: 120,
      replicas: Array.from({ length: replicas }, (_unused, at) => ({
        replicaUid: `rep_${service}_${at}`,
        // In each table one replica of one service is another than before.
        replicaId: at,
        version: service === version % services && at === 0 ? version : 1,
        host: '10.0.0.1',
        port: 20_000 + at,
        isDraining: false,
      })),
    })),
  }
}

/** Median milliseconds of one turn. */
function timed(turn: (round: number) => void): number {
  return median(
    Array.from({ length: rounds }, (_, round) => {
      const from = performance.now()
      turn(round)
      return performance.now() - from
    }),
  )
}

const folder = mkdtempSync(join(tmpdir(), 'bench-table-'))
const key = Buffer.alloc(32, 7)
const paths = { table: join(folder, 'routes.json'), key: join(folder, 'gateway.key') }
writeFileSync(paths.key, key.toString('hex'))
const state = new RouteState({
  counterOf: (uid) => new ServiceCounter(uid),
  onReplicaGone: () => undefined,
  onServiceChanged: () => undefined,
})
console.log(
  `${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}: ${services} services, ${services * replicas} replicas, medians of ${rounds} rounds`,
)
let version = 1
state.apply(tableOf(version, 'least_load'))
const text = routeFileText(tableOf(version, 'least_load'), key)
writeFileSync(paths.table, text)
console.log(`snapshot                    ${(text.length / 2 ** 20).toFixed(1)} MiB`)
console.log(`read and proven             ${timed(() => void readRouteFile(paths)).toFixed(1)} ms`)
const tables = Array.from({ length: rounds }, () => tableOf((version += 1), 'least_load'))
const inForce = timed((round) => {
  const table = tables[round]
  if (table !== undefined) state.apply(table)
})
console.log(`a change put in force       ${inForce.toFixed(2)} ms`)
for (const policy of loadBalancingPolicies) {
  state.apply(tableOf((version += 1), policy))
  const list = state.serviceList
  const ms = timed(() => {
    for (let i = 0; i < choices; i += 1) {
      const seeker = { tried: null, hashKey: i, isPinned: false }
      const chosen = list[i % services]?.choose(seeker, false) ?? null
      if (chosen === null) throw new Error('no replica was chosen')
    }
  })
  console.log(`${policy.padEnd(27)} ${((ms * 1000) / choices).toFixed(3)} µs a choice`)
}
rmSync(folder, { recursive: true, force: true })
