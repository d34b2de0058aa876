// node bench/gateway-soak/run.ts [SECONDS]: two gateway processes under load while replicas die, drain and come, routes change and gateway processes are
// killed: what failed and by which of these, and whether anything is left of it in counts, descriptors and memory.
import { fork, type ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { ReplicaRoute } from '../../packages/core/src/routes.ts'
import { gatewayFlags } from '../../apps/cli/src/supervisor/process-spec.ts'
import { freePort, GatewayProcesses, until } from '../../apps/gateway/test/gateway-processes.ts'
import { rssMiBOf } from '../gateway/children.ts'
import { Clients, type Failure } from './clients.ts'

const seconds = Number(process.argv[2] ?? 300)
const clientCount = 40
const replicaCount = 3
const disruptEveryMs = 1000
const drainMs = 1500
/** A failure may be noticed so much later than what caused it. */
const causeMs = 2500

interface Replica {
  readonly child: ChildProcess
  route: ReplicaRoute
}

interface Disruption {
  readonly what: 'replica killed' | 'replica drained' | 'routes changed' | 'gateway process killed'
  readonly atMs: number
}

const gateway = new GatewayProcesses()
const port = await freePort()
const replicas: Replica[] = []
const disruptions: Disruption[] = []
let lastId = 0
let round = 0

async function addReplica(): Promise<void> {
  const child = fork(join(import.meta.dirname, 'replica.ts'))
  // Sent by the replica: a TCP server has an AddressInfo.
  const address = await new Promise<AddressInfo>((resolve) =>
    child.once('message', (sent) => resolve(sent as AddressInfo)),
  )
  lastId += 1
  const route = { replicaUid: `rep_${lastId}`, replicaId: lastId, version: 1, host: '127.0.0.1' }
  replicas.push({ child, route: { ...route, port: address.port, isDraining: false } })
}

async function publish(): Promise<void> {
  round += 1
  gateway.writeTable([
    {
      serviceUid: 'svc_1',
      serviceName: 'soak',
      host: '127.0.0.1',
      port,
      policy: round % 2 === 0 ? 'least_load' : 'power_of_two_choices',
      streamTimeoutSeconds: 30,
      parking: { maxRequests: 1000, timeoutSeconds: 10 },
      maxConcurrencyPerReplica: 100,
      replicas: replicas.map(({ route }) => route),
    },
  ])
  // One that was just killed does not answer; the file tells its successor.
  await Promise.allSettled(gateway.living.map((record) => gateway.call(record, 'POST', '/reload')))
}

async function disrupt(): Promise<void> {
  const note = (what: Disruption['what']): void => void disruptions.push({ what, atMs: performance.now() })
  switch (disruptions.length % 4) {
    case 0:
      note('routes changed')
      return publish()
    case 1: {
      const [gone] = replicas.splice(0, 1)
      note('replica killed')
      gone?.child.kill('SIGKILL')
      await addReplica()
      return publish()
    }
    case 2: {
      const [leaving] = replicas
      if (leaving === undefined) return
      note('replica drained')
      leaving.route = { ...leaving.route, isDraining: true }
      await addReplica()
      await publish()
      await new Promise((resolve) => setTimeout(resolve, drainMs))
      replicas.splice(replicas.indexOf(leaving), 1)
      await publish()
      leaving.child.kill('SIGTERM')
      return
    }
    default: {
      const { living } = gateway
      const victim = living[Math.floor(Math.random() * living.length)]
      note('gateway process killed')
      if (victim !== undefined) process.kill(victim.pid, 'SIGKILL')
      await gateway.untilServing(2, [port])
    }
  }
}

function causeOf({ startedAtMs, endedAtMs }: Failure): string {
  const causes = disruptions.filter(
    ({ what, atMs }) => what.endsWith('killed') && atMs > startedAtMs - causeMs && atMs <= endedAtMs,
  )
  return [...new Set(causes.map(({ what }) => what))].join(' or ') || 'NOT EXPLAINED'
}

function isClean(status: Awaited<ReturnType<GatewayProcesses['status']>>): boolean {
  return (
    status !== undefined &&
    Object.keys(status.inFlight).length === 0 &&
    Object.keys(status.inFlightByService ?? {}).length === 0 &&
    Object.keys(status.parked ?? {}).length === 0
  )
}

async function main(): Promise<void> {
  for (let count = 0; count < replicaCount; count += 1) await addReplica()
  await publish()
  gateway.start(2, gatewayFlags)
  await gateway.untilServing(2, [port])
  const clients = new Clients(port, clientCount)
  const endMs = performance.now() + seconds * 1000
  while (performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, disruptEveryMs))
    await disrupt()
  }
  await clients.stop()
  console.log(
    `${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}: ${seconds} s, ${clientCount} clients`,
  )
  console.log(
    `ended: ${Object.entries(clients.ended)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}`,
  )
  const counted = Object.groupBy(disruptions, ({ what }) => what)
  console.log(
    `done to it: ${Object.entries(counted)
      .map(([what, all]) => `${all.length} × ${what}`)
      .join(', ')}`,
  )
  const failures = Object.groupBy(
    clients.failures,
    (failure) => `${failure.kind}: ${failure.what}; ${causeOf(failure)}`,
  )
  console.log(`failed: ${clients.failures.length}`)
  for (const [what, all] of Object.entries(failures)) console.log(`  ${all?.length ?? 0} × ${what}`)
  const records = gateway.living
  await until('no request in flight', async () => {
    const statuses = await Promise.all(records.map((record) => gateway.status(record)))
    return statuses.every(isClean)
  })
  // Idle connections to replicas go after a few seconds.
  await new Promise((resolve) => setTimeout(resolve, 6000))
  for (const { pid, name } of records) {
    const descriptors = readdirSync(`/proc/${pid}/fd`).length
    console.log(`${name}: nothing in flight, ${descriptors} descriptors, ${rssMiBOf(pid).toFixed(0)} MiB`)
  }
  for (const { child } of replicas) child.kill('SIGKILL')
  await gateway.remove()
}

await main()
