import { readFileSync } from 'node:fs'
import type { GatewayStatus, RouteTable, SecondCounts, UnfinishedRequest } from '@skykeep/core/routes'
import { serveControl, type ControlServer } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import { selfIdentity } from '@skykeep/persistent-path/process-identity'
import { writeProcessRecord } from '@skykeep/persistent-path/runtime-files'

/** Speaks the gateway's control protocol and opens no port: what the worker sees of a data plane, under a test's control. */
export class FakeGateway {
  readonly #layout: Layout
  #server: ControlServer | undefined
  table: RouteTable | undefined
  readonly inFlight: Record<string, number> = {}
  /** Requests that wait, by service uid. */
  readonly parked: Record<string, number> = {}
  blockedPorts: GatewayStatus['blockedPorts'] = []
  counts: SecondCounts[] = []
  ackedCounts = 0
  running: UnfinishedRequest[] = []
  reports: { epoch: string; requests: UnfinishedRequest[] }[] = []
  readonly ackedEpochs: string[] = []
  /** False: a new table is heard of and not applied. */
  isApplying = true

  constructor(layout: Layout) {
    this.#layout = layout
  }

  async start(): Promise<void> {
    const name = 'gateway-0'
    const socket = this.#layout.socket(name)
    this.#server = await serveControl(socket, {
      'GET /health': () => ({}),
      'GET /status': () => this.#status(),
      'POST /reload': () => {
        if (this.isApplying) this.table = this.#read()
        return this.#status()
      },
      'GET /counts': ({ query }) => {
        const after = Number(query.get('after'))
        const counts = this.counts.filter(({ seq }) => seq > after)
        return { epoch: 'epoch-1', counts, lastSeq: counts.at(-1)?.seq ?? after }
      },
      'POST /counts/ack': ({ body }) => {
        // Sent by our own worker.
        this.ackedCounts = (body as { seq: number }).seq
        return {}
      },
      'GET /running': () => this.running,
      'GET /unfinished': () => ({ reports: this.reports }),
      'POST /unfinished/ack': ({ body }) => {
        // Sent by our own worker.
        const { epoch } = body as { epoch: string }
        this.ackedEpochs.push(epoch)
        this.reports = this.reports.filter((report) => report.epoch !== epoch)
        return {}
      },
    })
    writeProcessRecord(this.#layout, { ...selfIdentity(), name, socket, startedAtMs: 0, build: 'test' })
  }

  async stop(): Promise<void> {
    await this.#server?.close()
  }

  /** Replica numbers that get new requests. */
  routedReplicas(): readonly number[] {
    return (this.table?.services ?? []).flatMap(({ replicas }) =>
      replicas.filter(({ isDraining }) => !isDraining).map(({ replicaId }) => replicaId),
    )
  }

  #read(): RouteTable {
    // Written by the worker under test.
    const file = JSON.parse(readFileSync(this.#layout.routesFile, 'utf8')) as { table: string }
    return JSON.parse(file.table) as RouteTable
  }

  #status(): GatewayStatus {
    const blocked = new Set(this.blockedPorts.map(({ port }) => port))
    const ports = (this.table?.services ?? []).map(({ port }) => port)
    return {
      slot: 0,
      pid: process.pid,
      epoch: 'epoch-1',
      appliedVersion: this.table?.version ?? -1,
      boundPorts: ports.filter((port) => !blocked.has(port)),
      blockedPorts: this.blockedPorts,
      inFlight: this.inFlight,
      parked: this.parked,
      ejected: [],
      siblings: [],
    }
  }
}
