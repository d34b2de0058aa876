// node bench/gateway/run.ts [ROUNDS] [SECONDS] [--only LOAD]: ours beside nginx, HAProxy and a balancer like SkyServe's, as ratios of the same run.
import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from '../../apps/gateway/test/gateway-processes.ts'
import { Children } from './children.ts'
import {
  loadCore,
  noProxy,
  startBareRelay,
  startHaproxy,
  startNginx,
  startOurs,
  startSkyServeLike,
  startSmallUpstream,
  writeCertificate,
  type Contestant,
  type Ground,
  type Ways,
} from './contestants.ts'
import { median } from '../median.ts'
import { loadsOf, type Load, type Measured } from './loads.ts'
import { StreamEnds } from './stream-ends.ts'
import { installTools } from './tools.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } })
const rounds = Number(positionals[0] ?? 3)
const seconds = Number(positionals[1] ?? 5)
const largeBytes = 200 * 1024 * 1024

async function ports(): Promise<Ways> {
  return { small: await freePort(), tls: await freePort(), streams: await freePort() }
}

/** By proxy, one entry a turn. */
type Results = Map<string, Measured[]>

/** The turns of one round: every contestant comes as often as the others. */
async function compare(load: Load, contestants: readonly Contestant[], round: number): Promise<Results> {
  const results: Results = new Map()
  const turns = load.turns ?? 1
  for (let turn = round * turns; turn < (round + 1) * turns; turn += 1) {
    // Each is first in one turn, for whoever comes first finds the machine cool, and comes behind another in every second one.
    const order = contestants.map((_, at) => contestants[(at + turn) % contestants.length])
    if (turn % 2 === 1) order.reverse()
    for (const contestant of order) {
      if (contestant === undefined || contestant.ways[load.way] === 0) continue
      const measured = await load.measure(contestant, seconds)
      results.set(contestant.name, [...(results.get(contestant.name) ?? []), measured])
    }
  }
  return results
}

const columns = [
  ['cpuUs', 'CPU µs each', 1],
  ['p50Us', 'p50 ms', 1000],
  ['p99Us', 'p99 ms', 1000],
  ['rate', 'a second (or MB/s)', 1],
] as const

/** One line a proxy: medians, and in brackets the median over turns of its ratio to nginx and to HAProxy. */
function print(load: Load, results: Results): void {
  const shown = columns.filter(([key]) => [...results.values()].some((each) => each[0]?.[key] !== undefined))
  console.log(
    `\n| ${load.name} | ${shown.map(([, title]) => `${title} | ÷ nginx | ÷ HAProxy`).join(' | ')} |`,
  )
  console.log(`|---|${shown.map(() => '---|---|---|').join('')}`)
  for (const [name, measured] of results) {
    const cells = shown.flatMap(([key, , scale]) => {
      const value = median(measured.map((each) => each[key] ?? Number.NaN)) / scale
      const ratioTo = (peer: string): string => {
        const others = results.get(peer) ?? []
        return median(
          measured.map((each, at) => (each[key] ?? Number.NaN) / (others[at]?.[key] ?? Number.NaN)),
        ).toFixed(2)
      }
      if (Number.isNaN(value)) return ['–', '–', '–']
      return [value >= 100 ? value.toFixed(0) : value.toFixed(2), ratioTo('nginx'), ratioTo('haproxy')]
    })
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
}

/**
 * One round of a load, against processes that are started for it and ended with it: two of the same program differ by a tenth and more, and a
 * program that is compiled while it runs depends on what it did before.
 */
async function runRound(ground: Ground, load: Load, round: number, hasPython: boolean): Promise<Results> {
  const own = { ...ground, children: new Children() }
  const ours = await startOurs(own, await ports())
  try {
    const contestants: Contestant[] = [
      ours,
      await startNginx(own, await ports()),
      await startHaproxy(own, await ports()),
    ]
    if (hasPython && load.hasSlow === true) contestants.push(await startSkyServeLike(own, await freePort()))
    if (load.hasBounds === true) contestants.push(await startBareRelay(own, await ports()), noProxy(own))
    return await compare(load, contestants, round)
  } finally {
    own.children.end()
    await ours.end()
  }
}

async function runLoad(ground: Ground, load: Load, hasPython: boolean): Promise<Results> {
  const results: Results = new Map()
  for (let round = 0; round < rounds; round += 1) {
    const found = await runRound(ground, load, round, hasPython)
    for (const [name, measured] of found) results.set(name, [...(results.get(name) ?? []), ...measured])
  }
  return results
}

async function main(): Promise<void> {
  const { hasPython } = installTools()
  if (cpus().length < 2) throw new Error('needs two cores: one for the proxy, one for the load')
  const folder = mkdtempSync(join(tmpdir(), 'bench-gateway-'))
  const children = new Children()
  try {
    // nginx reads its files as nobody.
    chmodSync(folder, 0o755)
    writeCertificate(folder)
    writeFileSync(join(folder, 'large'), '')
    truncateSync(join(folder, 'large'), largeBytes)
    const upstreams = {
      small: [await freePort(), await freePort()],
      streams: [await freePort(), await freePort()],
    } as const
    const ground: Ground = { children, folder, upstreams }
    await startSmallUpstream(ground)
    const ends = await StreamEnds.start(children, loadCore, upstreams.streams)
    const { model } = cpus()[0] ?? { model: 'unknown' }
    console.log(
      `${model}, Node ${process.version}; ${rounds} rounds of ${seconds} s, each load and round with processes of its own; proxy on core 1, load and upstream on core 0`,
    )
    if (!hasPython) console.log('fastapi + httpx: skipped, Debian’s Python packages are not here')
    for (const load of loadsOf(folder, ends)) {
      if (values.only !== undefined && !load.name.includes(values.only)) continue
      print(load, await runLoad(ground, load, hasPython))
    }
  } finally {
    children.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
