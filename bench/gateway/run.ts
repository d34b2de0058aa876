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
type Results = ReadonlyMap<string, readonly Measured[]>

async function compare(load: Load, contestants: readonly Contestant[]): Promise<Results> {
  const results = new Map<string, Measured[]>()
  for (let round = 0; round < rounds * (load.turns ?? 1); round += 1) {
    // Each is first in one turn, for whoever comes first finds the machine cool, and comes behind another in every second one.
    const order = contestants.map((_, at) => contestants[(at + round) % contestants.length])
    if (round % 2 === 1) order.reverse()
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

async function main(): Promise<void> {
  const { hasPython } = installTools()
  if (cpus().length < 2) throw new Error('needs two cores: one for the proxy, one for the load')
  const folder = mkdtempSync(join(tmpdir(), 'bench-gateway-'))
  const children = new Children()
  let ours: Awaited<ReturnType<typeof startOurs>> | null = null
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
    ours = await startOurs(ground, await ports())
    const contestants: Contestant[] = [
      ours,
      await startNginx(ground, await ports()),
      await startHaproxy(ground, await ports()),
    ]
    if (hasPython) contestants.push(await startSkyServeLike(ground, await freePort()))
    const bounds = [await startBareRelay(ground, await ports()), noProxy(ground)]
    const { model } = cpus()[0] ?? { model: 'unknown' }
    console.log(
      `${model}, Node ${process.version}; ${rounds} rounds of ${seconds} s, proxy on core 1, load and upstream on core 0`,
    )
    if (!hasPython) console.log('fastapi + httpx: skipped, Debian’s Python packages are not here')
    for (const load of loadsOf(folder, ends)) {
      if (values.only !== undefined && !load.name.includes(values.only)) continue
      print(
        load,
        await compare(
          load,
          [...contestants, ...(load.hasBounds === true ? bounds : [])].filter(
            (each) => !(each.name.startsWith('fastapi') && load.name !== 'small GET'),
          ),
        ),
      )
    }
  } finally {
    children.end()
    await ours?.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
