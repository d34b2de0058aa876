import { parseArgs } from 'node:util'
import { installTools } from '../gateway/tools.ts'
import { byteStream } from './byte-streams.ts'
import { AttackCounts, attacks } from './corpus.ts'
import { checkCase } from './case-check.ts'
import type { Finding } from './case-check.ts'
import { Proxies } from './proxies.ts'
import { SecondReaders } from './second-readers.ts'
import type { Outcome } from './lane.ts'
import { FuzzReport } from './report.ts'

const quietMs = 300
/** A failure counts only when it comes again with time enough for any machine. */
const patientMs = 1500

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: '20000' },
    lanes: { type: 'string', default: '12' },
    show: { type: 'boolean', default: false },
  },
})
const firstSeed = wholeNumber('seed', values.seed)
const cases = wholeNumber('cases', values.cases)

const tools = installTools()
const proxies = new Proxies()
process.once('SIGTERM', () => process.exit(1)).once('SIGINT', () => process.exit(1))
process.once('exit', () => proxies.kill())
const readers = new SecondReaders(tools.hasPython)
const report = new FuzzReport(readers.names)
const attackCounts = new AttackCounts()
try {
  await proxies.start(Math.min(cases, wholeNumber('lanes', values.lanes)))
  await tryAttacks()
  await fuzz()
} finally {
  await proxies.end()
  readers.close()
}
console.log(attackCounts.text())
console.log(report.text())
process.exitCode = report.hasFailed ? 1 : 0

/** Those that are known: each difference has its reason, and none comes through ours. */
async function tryAttacks(): Promise<void> {
  const left = [...attacks]
  await Promise.all(
    proxies.places.map(async (place) => {
      for (let attack = left.shift(); attack !== undefined; attack = left.shift()) {
        const tried = attack
        const onOutcomes = (outcomes: readonly Outcome[]): void => attackCounts.note(tried, outcomes)
        report.addAttack(attack.name, await checkCase(place, attack.stream, { quietMs, readers, onOutcomes }))
      }
    }),
  )
  for (const name of attackCounts.through.ours)
    report.addAttack(name, [{ name: 'it comes through ours', why: '', detail: '' }])
}

async function fuzz(): Promise<void> {
  const suspects: number[] = []
  let next = firstSeed
  await Promise.all(
    proxies.places.map(async (place) => {
      while (next < firstSeed + cases) {
        const seed = next
        next += 1
        const findings = await checkCase(place, byteStream(seed), { quietMs, readers })
        if (findings.some(isFailure)) suspects.push(seed)
        else report.add(seed, findings)
        if (values.show) show(seed, findings)
        if (seed % 500 === 0) console.log(`${seed - firstSeed} of ${cases} cases`)
      }
    }),
  )
  const [place] = proxies.places
  if (place === undefined) return
  for (const seed of suspects)
    report.add(seed, await checkCase(place, byteStream(seed), { quietMs: patientMs, readers }))
}

function isFailure({ why }: Finding): boolean {
  return why === ''
}

function show(seed: number, findings: readonly Finding[]): void {
  console.log(seed, JSON.stringify(byteStream(seed).text))
  for (const { name, detail } of findings) console.log(`  ${name}: ${detail}`)
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new Error(`--${name} ${text}: give a whole number from 1`)
  }
  return number
}
