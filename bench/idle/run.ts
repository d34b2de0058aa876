// node bench/idle/run.ts [SERVICES] [SECONDS]: what Skykeep costs while nothing happens: a plane with ten services of one replica each.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { TestPlane } from '../../packages/testing/src/plane.ts'
import { ensureBuilt } from '../../packages/tooling/src/build/assemble.ts'
import { consumptionOf, isOwnShell, processesOf, type Consumption } from './consumption.ts'

const services = Number(process.argv[2] ?? 10)
const seconds = Number(process.argv[3] ?? 60)
const settleSeconds = 20

interface Row {
  readonly name: string
  readonly cpuPercent: number
  readonly rssMegabytes: number
  readonly writesPerSecond: number
  readonly writtenKilobytesPerSecond: number
}

async function serve(plane: TestPlane, name: string): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-idle-'))
  const workdir = path.join(folder, 'workdir')
  mkdirSync(workdir)
  writeFileSync(
    path.join(workdir, 'server.js'),
    "require('node:http').createServer((_, reply) => reply.end('ok')).listen(process.env.PORT, '127.0.0.1')\n",
  )
  const file = path.join(folder, 'service.yaml')
  writeFileSync(
    file,
    `name: ${name}\nworkdir: ./workdir\nresources:\n  infra: local\n  cpus: 0.1\nrun: exec node server.js\nservice:\n  readiness_probe: /\n  replicas: 1\n`,
  )
  const { code, stderr } = await plane.cli('serve', 'up', file)
  rmSync(folder, { recursive: true })
  if (code !== 0) throw new Error(`${name}: ${stderr}`)
}

const pause = async (forSeconds: number): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, forSeconds * 1000))

/** Processes by pid: ours by their names, what runs for the services by what it is. */
async function namesByPid(plane: TestPlane): Promise<ReadonlyMap<number, string>> {
  const own = (await plane.system())?.processes ?? []
  const names = new Map(own.map(({ pid, name }) => [pid, name]))
  for (const { pid, command } of processesOf(plane.root)) {
    if (!names.has(pid)) names.set(pid, isOwnShell(command) ? 'shells beside replicas' : 'replicas')
  }
  return names
}

function rowOf(name: string, before: readonly Consumption[], after: readonly Consumption[]): Row {
  const gained = (of: (one: Consumption) => number): number =>
    after.reduce((sum, one) => sum + of(one), 0) - before.reduce((sum, one) => sum + of(one), 0)
  return {
    name,
    cpuPercent: (gained(({ cpuSeconds }) => cpuSeconds) / seconds) * 100,
    rssMegabytes: after.reduce((sum, { rssBytes }) => sum + rssBytes, 0) / 2 ** 20,
    writesPerSecond: gained(({ writeCalls }) => writeCalls) / seconds,
    writtenKilobytesPerSecond: gained(({ writtenBytes }) => writtenBytes) / seconds / 1024,
  }
}

function print(rows: readonly Row[]): void {
  const own = rows.filter(({ name }) => !/replicas/.test(name))
  const all = (of: (row: Row) => number): number => own.reduce((sum, row) => sum + of(row), 0)
  const total: Row = {
    name: "all of Skykeep's own",
    cpuPercent: all((row) => row.cpuPercent),
    rssMegabytes: all((row) => row.rssMegabytes),
    writesPerSecond: all((row) => row.writesPerSecond),
    writtenKilobytesPerSecond: all((row) => row.writtenKilobytesPerSecond),
  }
  console.log('| process | % of one core | RSS MiB | write calls/s | KiB/s to storage |')
  console.log('|---|---|---|---|---|')
  for (const row of [...own, total, ...rows.filter((other) => !own.includes(other))]) {
    const cells = [
      row.cpuPercent.toFixed(2),
      row.rssMegabytes.toFixed(0),
      row.writesPerSecond.toFixed(1),
      row.writtenKilobytesPerSecond.toFixed(1),
    ]
    console.log(`| ${row.name} | ${cells.join(' | ')} |`)
  }
}

const build = process.env['SKYKEEP_TEST_BUILD'] ?? (await ensureBuilt((line) => console.error(line)))
const plane = await TestPlane.create({ build })
try {
  plane.up()
  await plane.untilActive()
  for (let index = 1; index <= services; index += 1) await serve(plane, `idle-${index}`)
  console.error(`${services} services are ready; measures for ${seconds} s after ${settleSeconds} s`)
  await pause(settleSeconds)
  const names = await namesByPid(plane)
  const measure = (): ReadonlyMap<number, Consumption> =>
    new Map([...names.keys()].map((pid) => [pid, consumptionOf(pid)]))
  const before = measure()
  await pause(seconds)
  const after = measure()
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${services} services, ${seconds} s`,
  )
  const labels = [...new Set(names.values())]
  print(
    labels.map((label) => {
      const pids = [...names].flatMap(([pid, name]) => (name === label ? [pid] : []))
      const of = (moment: ReadonlyMap<number, Consumption>): readonly Consumption[] =>
        pids.flatMap((pid) => moment.get(pid) ?? [])
      return rowOf(label, of(before), of(after))
    }),
  )
} finally {
  await plane.destroy()
}
