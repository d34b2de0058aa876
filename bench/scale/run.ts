// node bench/scale/run.ts [SERVICES,…] [SECONDS] [ROUNDS]: what each further service costs, and how long people wait at the most.
import { cpus, totalmem } from 'node:os'
import { costOf, ownCost, pause, replicasName, shellsName, type Cost } from '../idle/plane-cost.ts'
import { TestPlane } from '../../packages/testing/src/plane.ts'
import { ensureBuilt } from '../../packages/tooling/src/build/assemble.ts'
import { lineThrough } from './fit.ts'
import { serveSmall, smallServer } from './small-server.ts'
import { timings } from './timings.ts'

const counts = (process.argv[2] ?? '0,10,50,100').split(',').map(Number)
const seconds = Number(process.argv[3] ?? 60)
const rounds = Number(process.argv[4] ?? 10)
const settleSeconds = 30
/** `serve up` that run at once. */
const atOnce = 4

interface Step {
  readonly n: number
  readonly upSeconds: number
  readonly own: Cost
  readonly costs: readonly Cost[]
}

async function bringUp(plane: TestPlane, from: number, to: number): Promise<number> {
  const startedAt = performance.now()
  const waiting = Array.from({ length: to - from }, (_, index) => `small-${from + index + 1}`)
  const one = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      await serveSmall(plane, name, server)
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  return (performance.now() - startedAt) / 1000
}

function printSteps(steps: readonly Step[]): void {
  console.log(
    '| services | up in s | own RSS MiB | own PSS MiB | % of one core | KiB/s to storage | a replica, MiB | shells beside it, MiB |',
  )
  console.log('|---|---|---|---|---|---|---|---|')
  for (const { n, upSeconds, own, costs } of steps) {
    const each = (name: string): string =>
      n === 0 ? '-' : ((costs.find((cost) => cost.name === name)?.pssMegabytes ?? 0) / n).toFixed(1)
    const cells = [
      upSeconds.toFixed(0),
      own.rssMegabytes.toFixed(0),
      own.pssMegabytes.toFixed(0),
      own.cpuPercent.toFixed(2),
      own.writtenKilobytesPerSecond.toFixed(0),
      each(replicasName),
      each(shellsName),
    ]
    console.log(`| ${n} | ${cells.join(' | ')} |`)
  }
}

function printLines(steps: readonly Step[]): void {
  const line = (what: string, of: (step: Step) => number, unit: string): void => {
    const { a, b, off } = lineThrough(steps.map((step) => ({ n: step.n, value: of(step) })))
    console.log(
      `- ${what}: ${a.toFixed(1)} + ${b.toFixed(3)}·n ${unit} (no point is further off than ${off.toFixed(1)})`,
    )
  }
  line('own memory, RSS', ({ own }) => own.rssMegabytes, 'MiB')
  line('own memory, PSS', ({ own }) => own.pssMegabytes, 'MiB')
  line('own idle time', ({ own }) => own.cpuPercent, '% of one core')
}

function printParts(steps: readonly Step[]): void {
  const names = [...new Set(steps.flatMap(({ costs }) => costs.map(({ name }) => name)))]
  console.log(`| process, RSS MiB and % of one core | ${steps.map(({ n }) => `n = ${n}`).join(' | ')} |`)
  console.log(`|---|${steps.map(() => '---|').join('')}`)
  for (const name of names) {
    const cells = steps.map(({ costs }) => {
      const cost = costs.find((each) => each.name === name)
      return cost === undefined ? '-' : `${cost.rssMegabytes.toFixed(0)}, ${cost.cpuPercent.toFixed(2)}`
    })
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
}

const server = smallServer()
const build = process.env['SKYKEEP_TEST_BUILD'] ?? (await ensureBuilt((line) => console.error(line)))
const plane = await TestPlane.create({ build })
try {
  plane.up()
  await plane.untilActive()
  const steps: Step[] = []
  for (const n of counts) {
    const upSeconds = await bringUp(plane, steps.at(-1)?.n ?? 0, n)
    console.error(`${n} services are ready after ${upSeconds.toFixed(0)} s; measures for ${seconds} s`)
    await pause(settleSeconds)
    const costs = await costOf(plane, seconds)
    steps.push({ n, upSeconds, own: ownCost(costs), costs })
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`
  console.log(
    `${machine}, Node ${process.version}, SQLite; services of one replica (${server.program}), ${seconds} s each, ${rounds} rounds\n`,
  )
  printSteps(steps)
  console.log()
  printLines(steps)
  console.log()
  printParts(steps)
  const most = counts.at(-1) ?? 0
  if (most > 0) {
    console.log(`\nWith ${most} services, ms:\n\n| what | median | longest |\n|---|---|---|`)
    for (const { what, median, longest } of await timings(plane, 'small-1', rounds))
      console.log(`| ${what} | ${median.toFixed(0)} | ${longest.toFixed(0)} |`)
  }
} finally {
  await plane.destroy()
}
