import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../apps/gateway/test/gateway-processes.ts'
import type { GatewayProcesses } from '../../apps/gateway/test/gateway-processes.ts'
import { lookAtRest } from './at-rest.ts'
import type { AtRest } from './at-rest.ts'
import type { Bookkeeper } from './bookkeeper.ts'
import type { Table } from './table.ts'

export interface RestParts {
  readonly gateway: GatewayProcesses
  readonly table: Table
  readonly bookkeeper: Bookkeeper
  readonly onFault: (fault: string) => void
}

/** Within so long after the last client everything must have been given back, ms. */
const settleMs = 10_000
/** Connections to replicas that wait for a request are gone by then. */
const idleMs = 1500

/** What must be true while nobody asks anything. */
export class Rest {
  private readonly parts: RestParts

  constructor(parts: RestParts) {
    this.parts = parts
  }

  /** Waits until nothing is in flight anywhere. */
  async settle(stage: string): Promise<void> {
    const { onFault } = this.parts
    const what = await this.untilNothing(() => this.leftovers())
    if (what !== '') onFault(`after ${stage}, ${settleMs} ms after the last client: ${what}`)
    await delay(idleMs)
  }

  /** The same, and until every process that was replaced has ended, since it has nothing any more. */
  async settleForGood(): Promise<void> {
    await this.settle('the last deaths')
    const what = await this.untilNothing(async () => {
      const healths = await this.callAll('/health')
      const draining = healths.filter((health) => Reflect.get(Object(health), 'drain') !== null)
      const faulty = healths.filter((health) => Reflect.get(Object(health), 'status') !== 'ok')
      return [...draining, ...faulty].map((health) => JSON.stringify(health)).join('; ')
    })
    if (what !== '') this.parts.onFault(`at the end: ${what}`)
    await this.checkCounts()
  }

  private async untilNothing(look: () => Promise<string>): Promise<string> {
    let last = ''
    await until(
      'nothing',
      async () => {
        last = await look()
        return last === ''
      },
      settleMs,
    ).catch(() => undefined)
    return last
  }

  private async leftovers(): Promise<string> {
    const statuses = await this.parts.table.statuses()
    const running = await this.callAll('/running')
    const left = statuses.flatMap(({ slot, pid, inFlight, inFlightByService = {}, parked = {} }) => {
      const counts = { ...inFlight, ...inFlightByService, ...parked }
      return Object.keys(counts).length === 0
        ? []
        : [`gateway-${slot} (pid ${pid}) ${JSON.stringify(counts)}`]
    })
    return [...left, ...running.flat().map((request) => JSON.stringify(request))].join('; ')
  }

  private async callAll(path: string): Promise<readonly unknown[]> {
    const { gateway } = this.parts
    const answers = await Promise.allSettled(
      gateway.living.map((record) => gateway.call(record, 'GET', path)),
    )
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  }

  /** Whatever a living process counted as begun, it counted as ended. */
  private async checkCounts(): Promise<void> {
    const { bookkeeper, onFault } = this.parts
    const what = await this.untilNothing(async () => {
      await delay(500)
      const open = [...bookkeeper.processes.values()].filter(({ started, ended }) => started !== ended)
      return open
        .map(({ record, started, ended }) => `${record.name} counted ${started} begun, ${ended} ended`)
        .join('; ')
    })
    if (what !== '') onFault(what)
  }

  /** Memory and descriptors of one process. */
  look(pid: number): Promise<AtRest> {
    return lookAtRest(pid, this.parts.gateway.root)
  }

  /** Nothing stands in a journal but what was reported and acked. */
  checkJournals(): void {
    const { bookkeeper, gateway, onFault } = this.parts
    const living = new Set(gateway.living.map(({ pid }) => pid))
    for (const { epoch, process, requests } of bookkeeper.journals()) {
      if (!living.has(process.pid))
        onFault(`the journal of the dead process ${process.pid} (${epoch}) is still there`)
      for (const request of requests)
        onFault(`in the journal of ${epoch} at the end: ${JSON.stringify(request)}`)
    }
  }
}
