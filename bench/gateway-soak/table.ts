import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { GatewayStatus, ServiceRoute } from '@skykeep/core/routes'
import { freePort, until } from '../../apps/gateway/test/gateway-processes.ts'
import type { GatewayProcesses } from '../../apps/gateway/test/gateway-processes.ts'
import type { Replica } from './fleet.ts'

/** A service of the soak, as the next table will have it. */
export interface SoakService {
  readonly uid: string
  readonly name: string
  readonly port: number
  readonly replicas: Replica[]
  /** Beyond what every service has. */
  settings: Partial<ServiceRoute>
  isRouted: boolean
  /** It was added to be removed for good. */
  readonly isPassing: boolean
}

/** What every service has, unless its settings say otherwise. Seconds of the gateway's clock. */
const usual = {
  host: '127.0.0.1',
  policy: 'least_load',
  streamTimeoutSeconds: 30,
  parking: { maxRequests: 3000, timeoutSeconds: 90 },
  accessLog: { sample: 1 },
} as const

/** The route table: written as the worker does it, and in force in every process before anything is built on it. */
export class Table {
  readonly services: SoakService[] = []
  /** Every port that a table has named. */
  readonly everServed = new Set<number>()
  published = 0
  private readonly gateway: GatewayProcesses
  private publishing: Promise<void> = Promise.resolve()
  private lastId = 0

  constructor(gateway: GatewayProcesses) {
    this.gateway = gateway
  }

  async addService(
    name: string,
    settings: Partial<ServiceRoute> = {},
    isPassing = false,
  ): Promise<SoakService> {
    this.lastId += 1
    const service: SoakService = {
      uid: `svc_${this.lastId}`,
      name,
      port: await freePort(),
      replicas: [],
      settings,
      isRouted: true,
      isPassing,
    }
    this.services.push(service)
    this.everServed.add(service.port)
    return service
  }

  /** Ports that must be served now. */
  get ports(): readonly number[] {
    return this.services.filter(({ isRouted }) => isRouted).map(({ port }) => port)
  }

  /** Resolves when every living process has it in force. One after another. */
  publish(): Promise<void> {
    return this.afterOthers(() => this.publishNow())
  }

  /** A snapshot that is not whole, or not ours, for so long; then what `publish` does. */
  publishTorn(ms: number): Promise<void> {
    return this.afterOthers(async () => {
      writeFileSync(this.gateway.layout.routesFile, '{"mac":"00","table":"{')
      await this.askToRead()
      await delay(ms)
      await this.publishNow()
    })
  }

  private afterOthers(action: () => Promise<void>): Promise<void> {
    const done = this.publishing.then(action)
    this.publishing = done.catch(() => undefined)
    return done
  }

  /** The table, without asking anybody to read it. */
  write(): number {
    this.published += 1
    const routed = this.services.filter(({ isRouted }) => isRouted)
    return this.gateway.writeTable(routed.map(routeOf))
  }

  private async publishNow(): Promise<void> {
    const version = this.write()
    await this.inForce(version)
  }

  private async inForce(version: number): Promise<void> {
    await this.askToRead()
    await until(`version ${version} of the table in force everywhere`, async () => {
      const statuses = await this.statuses()
      return statuses.every(({ appliedVersion }) => appliedVersion >= version)
    })
  }

  private async askToRead(): Promise<void> {
    const { gateway } = this
    await Promise.allSettled(gateway.living.map((record) => gateway.call(record, 'POST', '/reload')))
  }

  /** Of every process that answers. */
  async statuses(): Promise<readonly GatewayStatus[]> {
    const { gateway } = this
    const all = await Promise.all(gateway.living.map((record) => gateway.status(record)))
    return all.filter((status) => status !== undefined)
  }
}

function routeOf({ uid, name, port, replicas, settings }: SoakService): ServiceRoute {
  return {
    ...usual,
    ...settings,
    serviceUid: uid,
    serviceName: name,
    port,
    replicas: replicas.map(({ route }) => route),
  }
}
