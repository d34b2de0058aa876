import type { Socket } from 'node:net'
import type { ServiceState } from './service-state.ts'

/** Where a connection came in. */
export interface Entrance {
  /** The service that the table in force has on this port. */
  service: ServiceState | null
  readonly host: string
  readonly port: number
}

/** How a connection came in. */
export interface Via {
  /** The connection itself, under TLS where that is spoken. */
  readonly tcp: Socket
  readonly isTls: boolean
}
