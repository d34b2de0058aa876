import { setTimeout as delay } from 'node:timers/promises'
import { gatewayFlags } from '../../apps/cli/src/supervisor/process-spec.ts'
import { GatewayProcesses } from '../../apps/gateway/test/gateway-processes.ts'
import { SeededRandom } from '../gateway-fuzz/seeded-random.ts'
import { AccessLines } from './access-lines.ts'
import { Attempts } from './attempts.ts'
import { Bookkeeper } from './bookkeeper.ts'
import { Causes } from './causes.ts'
import { Crowd } from './crowd.ts'
import { Fleet } from './fleet.ts'
import { GatewayClock } from './gateway-clock.ts'
import { GatewayChurn } from './gateway-churn.ts'
import { Loops } from './loops.ts'
import { ReplicaChurn } from './replica-churn.ts'
import { judge, trends } from './report.ts'
import type { Veteran } from './report.ts'
import { Rest } from './rest.ts'
import { RouteChurn } from './route-churn.ts'
import { Table } from './table.ts'
import type { Evidence } from './verdict.ts'

export interface SoakOptions {
  readonly minutes: number
  readonly seed: number
  /** How much faster the gateway's clock runs than the machine's. */
  readonly speed: number
  /** Where each process writes its heap at each rest; '' for nowhere. */
  readonly snapshots: string
}

/** The first leads, one more lives through the time in which memory is compared, and one dies again and again. */
const processCount = 3
const intervals = 6
/** Parts of the whole time. */
const warmUpShare = 0.1
const steadyShare = 0.6
const killShare = 0.3
const progressMs = 10_000
const lookMs = 500
const lookAtPortsMs = 150
const shownLines = 20

/** One run from start to end. */
export class Soak {
  private readonly options: SoakOptions
  private readonly gateway = new GatewayProcesses()
  private readonly causes = new Causes()
  private readonly attempts = new Attempts()
  private readonly faults: string[] = []
  private readonly fleet = new Fleet(this.causes)
  private readonly table = new Table(this.gateway)
  private readonly bookkeeper = new Bookkeeper(this.gateway, this.causes, this.table.everServed)
  private readonly lines = new AccessLines(this.gateway.layout.accessLogsDir)
  private readonly clients = this.makeLoops('a client')
  private readonly churn = this.makeLoops('churn')
  private readonly kills = this.makeLoops('kills')
  private readonly watch = this.makeLoops('the bookkeeper')
  private readonly gateways: GatewayChurn
  private readonly rest: Rest
  private stage = 'start'
  private readonly startedAtMs = performance.now()

  constructor(options: SoakOptions) {
    this.options = options
    const { gateway, table, causes, bookkeeper } = this
    const random = new SeededRandom(options.seed)
    const clock = new GatewayClock(options.speed)
    const flags = [...gatewayFlags, '--import', clock.moduleUrl(gateway.root, options.snapshots)]
    const onFault = (fault: string): void => this.noteFault(fault)
    const parts = { gateway, table, bookkeeper, onFault }
    this.gateways = new GatewayChurn({ ...parts, causes, random, processCount, clock, flags })
    this.rest = new Rest(parts)
  }

  private makeLoops(name: string): Loops {
    return new Loops((error) => {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
      this.noteFault(`${name}: ${reason}`)
    })
  }

  private noteFault(fault: string): void {
    this.faults.push(fault)
    console.log(`  ! ${fault}`)
  }

  /** @returns what was not as it should be. */
  async run(): Promise<readonly string[]> {
    const progress = setInterval(() => this.sayProgress(), progressMs)
    let veterans: readonly Veteran[] = []
    try {
      const crowd = await this.begin()
      veterans = await this.steady(crowd)
      await this.die(crowd)
      await this.stopAll(crowd)
    } catch (error) {
      this.noteFault(`the run broke off: ${error instanceof Error ? error.message : String(error)}`)
    }
    clearInterval(progress)
    this.sayResult(veterans)
    await this.end()
    return this.faults
  }

  /** What it can say before its end. @returns what was not as it should be. */
  judgeSoFar(): readonly string[] {
    this.lines.read()
    this.sayResult([])
    return this.faults
  }

  /** Ends every process that it started. */
  async end(): Promise<void> {
    this.fleet.end()
    await this.gateway.remove()
  }

  endReplicas(): void {
    this.fleet.end()
  }

  private async begin(): Promise<Crowd> {
    const { table, fleet, causes, options } = this
    const plain = await table.addService('plain')
    const secure = await table.addService('secure')
    const limited = await table.addService('limited', {
      maxConcurrencyPerReplica: 2,
      parking: { maxRequests: 6, timeoutSeconds: 3 },
    })
    const fickle = await table.addService('fickle')
    const places = [plain, plain, plain, secure, secure, secure, limited, limited, fickle, fickle]
    await Promise.all(places.map(async ({ replicas }) => replicas.push(await fleet.add())))
    causes.begin('limit of the service', limited.name)
    const random = new SeededRandom(options.seed + 1)
    const { gateway } = this
    const onFault = (fault: string): void => this.noteFault(fault)
    const routes = new RouteChurn({ gateway, table, causes, random, onFault }, { fickle, secure })
    const replicas = new ReplicaChurn({ table, fleet, causes, random: new SeededRandom(options.seed + 2) })
    table.write()
    this.gateways.start()
    await this.gateways.untilServing()
    const services = { plain, secure, limited, fickle }
    const { clients: loops, attempts } = this
    const crowd = new Crowd({ ...options, loops, attempts, services })
    this.churn.add(
      () => replicas.once(),
      () => 300 + random.below(1000),
    )
    this.churn.add(
      () => routes.once(),
      () => 200 + random.below(1200),
    )
    this.watch.add(
      () => this.look(),
      () => lookMs,
    )
    this.watch.add(
      async () => this.bookkeeper.lookAtPorts(),
      () => lookAtPortsMs,
    )
    this.watch.resume()
    return crowd
  }

  private async look(): Promise<void> {
    await this.bookkeeper.look()
    this.lines.read()
  }

  /** Equal times of the same load, each ended by a rest at which everything must have been given back. */
  private async steady(crowd: Crowd): Promise<readonly Veteran[]> {
    const minuteMs = this.options.minutes * 60_000
    this.stage = 'warm-up'
    await this.busy(minuteMs * warmUpShare)
    await this.pause(crowd)
    const pids = this.gateways
      .byAge()
      .slice(0, processCount - 1)
      .map(({ pid }) => pid)
    const veterans = pids.map((pid, at) => ({
      name: at === 0 ? 'leader' : `sibling ${at}`,
      pid,
      atRest: [] as Veteran['atRest'][number][],
    }))
    for (let interval = 1; interval <= intervals; interval += 1) {
      this.stage = `interval ${interval} of ${intervals}`
      const killing = this.killYoungest((minuteMs * steadyShare) / intervals)
      await this.busy((minuteMs * steadyShare) / intervals)
      await killing
      await this.pause(crowd)
      for (const { pid, atRest } of veterans) atRest.push(await this.rest.look(pid))
    }
    return veterans
  }

  /** The youngest process dies twice in the middle of an interval. */
  private async killYoungest(intervalMs: number): Promise<void> {
    for (let time = 0; time < 2; time += 1) {
      await delay(intervalMs / 3)
      await this.gateways.killYoungest()
    }
  }

  /** Any process dies, the one that leads too; now and then all of them; a successor takes over. */
  private async die(crowd: Crowd): Promise<void> {
    this.stage = 'deaths of any process'
    this.kills.add(
      () => this.gateways.once(),
      () => 800,
    )
    this.kills.resume()
    await this.busy(this.options.minutes * 60_000 * killShare)
    await this.kills.stop()
    await this.gateways.untilServing()
    await this.pause(crowd)
  }

  private async busy(ms: number): Promise<void> {
    this.clients.resume()
    this.churn.resume()
    await delay(ms)
  }

  private async pause(crowd: Crowd): Promise<void> {
    await this.churn.pause()
    await this.clients.pause()
    crowd.closeIdle()
    await this.rest.settle(this.stage)
  }

  private async stopAll(crowd: Crowd): Promise<void> {
    this.stage = 'the end'
    await Promise.all([this.clients.stop(), this.churn.stop()])
    crowd.closeIdle()
    await this.rest.settleForGood()
    await this.watch.stop()
    await this.look()
    this.rest.checkJournals()
    this.faults.push(...this.bookkeeper.faults)
    this.faults.push(...this.bookkeeper.badLines().slice(0, shownLines))
  }

  private sayProgress(): void {
    const seconds = ((performance.now() - this.startedAtMs) / 1000).toFixed(0)
    const { total, failed } = this.attempts
    const { living } = this.gateway
    const { explained } = judge(this.attempts, this.evidence)
    console.log(
      `${seconds.padStart(5)} s  ${this.stage}: ${total} requests, ${failed.length} failed, ${failed.length - explained} of them not explained yet; ${living.length} gateway processes, ${this.table.published} tables; faults: ${this.faults.length}`,
    )
  }

  private get evidence(): Evidence {
    const { causes, bookkeeper } = this
    return { causes, listed: bookkeeper.listed, lines: this.lines.byPath, replicas: this.fleet.uids }
  }

  private sayResult(veterans: readonly Veteran[]): void {
    const { attempts, causes, lines } = this
    console.log('\nasked, by kind of client: whole, left, failed')
    for (const [name, { whole, left, failed }] of [...attempts.counts].toSorted())
      console.log(
        `${String(whole).padStart(8)} ${String(left).padStart(7)} ${String(failed).padStart(7)}  ${name}`,
      )
    console.log('\ndone to it')
    for (const [what, count] of causes.counts()) console.log(`${String(count).padStart(7)}  ${what}`)
    console.log('\nends in the access logs, by reason')
    for (const [reason, count] of lines.countByReason)
      console.log(`${String(count).padStart(8)}  ${reason === '' ? 'well' : reason}`)
    console.log('\nfailed, by cause')
    const judged = judge(attempts, this.evidence)
    for (const line of judged.lines) console.log(line)
    console.log(`\nat rest after each of ${intervals} equal intervals`)
    const intervalMs = (this.options.minutes * 60_000 * steadyShare) / intervals
    const found = trends(veterans, intervalMs)
    for (const line of found.lines) console.log(line)
    this.faults.push(...judged.faults, ...found.faults)
    console.log(
      `\n${attempts.total} requests, ${attempts.failed.length} failed, ${judged.explained} explained`,
    )
  }
}
