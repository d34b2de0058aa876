import type { GatewayChannel } from '@skykeep/controllers/routes/gateway-channel'
import type { CountsBatch, GatewayStatus, RouteTable } from '@skykeep/core/routes'

/** A gateway without sockets that applies every table at once and holds the requests that a test gives it. */
export class ObedientGateway {
  /** The route snapshot that it serves. */
  table: RouteTable | null = null
  /** By replica uid: requests in flight. */
  readonly held = new Map<string, number>()

  readonly channel: GatewayChannel = {
    living: () => ['gateway-0'],
    call: async (_name, { path }) => this.#answer(new URL(path, 'http://gateway').pathname),
  }

  #answer(path: string): unknown {
    switch (path) {
      case '/status':
      case '/reload':
        return this.#status()
      case '/counts':
        return { epoch: 'e', counts: [], lastSeq: 0, completeToSecond: 0 } satisfies CountsBatch
      case '/running':
        return []
      case '/unfinished':
        return { reports: [] }
      default:
        return {}
    }
  }

  #status(): GatewayStatus {
    const ports = this.table?.services.map(({ port }) => port) ?? []
    return {
      slot: 0,
      pid: 1,
      epoch: 'e',
      appliedVersion: this.table?.version ?? -1,
      boundPorts: ports,
      blockedPorts: [],
      inFlight: Object.fromEntries(this.held),
      ejected: [],
      siblings: [],
    }
  }
}
