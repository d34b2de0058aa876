// node bench/recovery/run.ts [ROUNDS]: kills each part under load and prints how long until it is back, and what it cost.
import { cpus } from 'node:os'
import { ensureBuilt } from '../../packages/tooling/src/build/assemble.ts'
import { until } from '../../packages/testing/src/until.ts'
import { loadedService, type LoadedService } from '../../apps/cli/test/survival/loaded-service.ts'
import { median } from '../median.ts'

interface Row {
  readonly killed: string
  readonly backMs: number
  readonly longestGapMs: number
  readonly failedRequests: number
  readonly brokenStreams: number
}

const controlPlane = ['worker', 'web', 'supervisor']
const cases: readonly (readonly string[])[] = [
  ['worker'],
  ['web'],
  ['supervisor'],
  controlPlane,
  ['gateway-0'],
  ['gateway-0', 'gateway-1'],
  [...controlPlane, 'gateway-0', 'gateway-1'],
]

async function killParts(service: LoadedService, names: readonly string[]): Promise<Row> {
  const pids = await Promise.all(names.map(async (name) => await service.plane.pidOf(name)))
  const before = service.load.failures.length
  service.load.resetGap()
  const startedAt = performance.now()
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  if (names.includes('supervisor')) service.plane.up()
  await until('all parts run again', async () => {
    const system = await service.plane.system()
    const running = system?.processes.filter(({ state }) => state === 'running') ?? []
    return names.every((name) => running.some((part) => part.name === name && !pids.includes(part.pid)))
  })
  return await finish(service, { killed: names.join(' + '), startedAt, before })
}

async function killReplica(service: LoadedService): Promise<Row> {
  const status = await service.status()
  const victim = status.replicas.find((replica) => replica.status === 'READY')
  if (victim?.pid === undefined || victim.pid === null) throw new Error('no replica is ready')
  const before = service.load.failures.length
  service.load.resetGap()
  const startedAt = performance.now()
  process.kill(-victim.pid, 'SIGKILL')
  await until('a new replica is ready', async () => {
    const ready = (await service.status()).replicas.filter((replica) => replica.status === 'READY')
    return ready.length === status.target && ready.every(({ id }) => id !== victim.id)
  })
  return await finish(service, { killed: 'a replica', startedAt, before })
}

async function finish(
  service: LoadedService,
  {
    killed,
    startedAt,
    before,
  }: { readonly killed: string; readonly startedAt: number; readonly before: number },
): Promise<Row> {
  const backMs = Math.round(performance.now() - startedAt)
  const good = service.load.requests
  await until('requests flow', () => service.load.requests > good + 100)
  const failures = service.load.failures.slice(before)
  return {
    killed,
    backMs,
    longestGapMs: Math.round(service.load.longestGapMs),
    failedRequests: failures.filter(({ kind }) => kind === 'request').length,
    brokenStreams: failures.filter(({ kind }) => kind !== 'request').length,
  }
}

const rounds = Number(process.argv[2] ?? 3)
process.env['SKYKEEP_TEST_BUILD'] = await ensureBuilt((line) => console.error(line))
const service = await loadedService()
const rows: Row[] = []
for (let round = 1; round <= rounds; round += 1) {
  console.error(`round ${round} of ${rounds}`)
  for (const names of cases) rows.push(await killParts(service, names))
  rows.push(await killReplica(service))
}
await service.end()

console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${rounds} rounds, medians`,
)
console.log('300 requests/s, 6 event streams of 20 s, 6 WebSockets, 2 replicas; SIGKILL; times in ms')
console.log(
  '| killed | all parts back | longest time without a good reply | failed requests | broken streams |',
)
console.log('|---|---|---|---|---|')
for (const killed of new Set(rows.map((row) => row.killed))) {
  const own = rows.filter((row) => row.killed === killed)
  const cells = (['backMs', 'longestGapMs', 'failedRequests', 'brokenStreams'] as const).map((key) =>
    median(own.map((row) => row[key])),
  )
  console.log(`| ${killed} | ${cells.join(' | ')} |`)
}
