// node bench/idle/run.ts [SERVICES] [SECONDS]: what Skykeep costs while nothing happens: a plane with ten services of one replica each.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { TestPlane } from '../../packages/testing/src/plane.ts'
import { ensureBuilt } from '../../packages/tooling/src/build/assemble.ts'
import { costOf, ownCost, pause, replicasName, shellsName, type Cost } from './plane-cost.ts'

const services = Number(process.argv[2] ?? 10)
const seconds = Number(process.argv[3] ?? 60)
const settleSeconds = 20

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

function print(costs: readonly Cost[]): void {
  const isOther = ({ name }: Cost): boolean => name === replicasName || name === shellsName
  const own = costs.filter((cost) => !isOther(cost))
  console.log('| process | % of one core | RSS MiB | PSS MiB | write calls/s | KiB/s to storage |')
  console.log('|---|---|---|---|---|---|')
  for (const cost of [...own, ownCost(costs), ...costs.filter(isOther)]) {
    const cells = [
      cost.cpuPercent.toFixed(2),
      cost.rssMegabytes.toFixed(0),
      cost.pssMegabytes.toFixed(0),
      cost.writesPerSecond.toFixed(1),
      cost.writtenKilobytesPerSecond.toFixed(1),
    ]
    console.log(`| ${cost.name} | ${cells.join(' | ')} |`)
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
  const costs = await costOf(plane, seconds)
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`
  console.log(`${machine}, Node ${process.version}, ${services} services, ${seconds} s`)
  print(costs)
} finally {
  await plane.destroy()
}
