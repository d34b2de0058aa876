// node bench/gateway-soak/run.ts [--minutes N] [--seed S] [--speed X] [--snapshots FOLDER]: gateway processes under a crowd of clients while replicas, routes and gateway
// processes come, change and die: whether each failed request has its cause in what was done, and whether anything is left of it all.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { Soak } from './soak.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    speed: { type: 'string', default: '6' },
    snapshots: { type: 'string', default: '' },
  },
})
const shownFaults = 60
const minutes = positive('minutes', values.minutes)
const seed = positive('seed', values.seed)
const speed = positive('speed', values.speed)
console.log(
  `${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}: ${minutes} minutes, ${(minutes * speed).toFixed(0)} on the gateway's clock; --seed ${seed}`,
)
const soak = new Soak({ minutes, seed, speed, snapshots: values.snapshots })
process.once('exit', () => soak.endReplicas())
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void interrupt(signal))
const faults = await soak.run()
show(faults)
console.log(
  faults.length === 0
    ? 'passed: every failure is explained, and nothing is left'
    : `FAILED: ${faults.length} faults`,
)
process.exit(faults.length === 0 ? 0 : 1)

async function interrupt(signal: string): Promise<void> {
  show(soak.judgeSoFar())
  await soak.end()
  console.log(`FAILED: interrupted by ${signal}`)
  process.exit(1)
}

function show(found: readonly string[]): void {
  for (const fault of found.slice(0, shownFaults)) console.log(`  ${fault}`)
}

function positive(name: string, text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) return number
  throw new Error(`--${name} ${text}: give a number above 0`)
}
