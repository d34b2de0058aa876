import { SkykeepError } from '@skykeep/core/errors'
import type { Endpoint } from '@skykeep/core/nouns'
import { appendEvent, type Because } from './events.ts'
import type { Prisma } from './generated/sqlite/client.ts'
import { notFound } from './guard.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs, toMsOrNull } from './milliseconds.ts'

/** First port of services; SkyPilot's load balancers start there too (`sky/serve/constants.py`). */
export const firstEndpointPort = 30_001
const lastEndpointPort = 65_535

export interface NewEndpoint extends Because {
  readonly service: { readonly uid: string; readonly name: string }
  /** Listening address. */
  readonly host: string
  /** Ports that something else on the machine holds now. */
  readonly held?: ReadonlySet<number>
}

/**
 * Gives the service its port: the lowest from 30001 that no service has or ever had (invariant 16) and that is not held
 * by something else. A service that has one
 * keeps it: calling again changes nothing.
 * @throws UNAVAILABLE when every port was used.
 */
export async function insertEndpoint(tx: Tx, endpoint: NewEndpoint): Promise<Endpoint> {
  const existing = await findEndpoint(tx, endpoint.service.uid)
  if (existing !== null) return existing
  const row = await tx.client.endpoint.create({
    data: {
      serviceUid: endpoint.service.uid,
      host: endpoint.host,
      port: await firstFreePort(tx, endpoint.held),
      createdAtMs: fromMs(tx.clock.now()),
    },
  })
  await appendEvent(tx, {
    kind: 'endpoint',
    uid: row.serviceUid,
    serviceName: endpoint.service.name,
    type: 'status.changed',
    to: row.status,
    reason: 'CREATED',
    payload: { host: row.host, port: row.port },
    ...(endpoint.cause === undefined ? {} : { cause: endpoint.cause }),
    ...(endpoint.actor === undefined ? {} : { actor: endpoint.actor }),
  })
  return toEndpoint(row)
}

/**
 * The port that the next service would get. Held ports are the ones to pass over.
 * @throws UNAVAILABLE when every port was used.
 */
export async function firstFreePort(db: Db, held: ReadonlySet<number> = new Set()): Promise<number> {
  // Whatever the host: two addresses of one machine may still collide (0.0.0.0 and 127.0.0.1).
  const rows = await db.client.endpoint.findMany({ select: { port: true } })
  const taken = new Set([...held, ...rows.map((row) => row.port)])
  let port = firstEndpointPort
  while (taken.has(port)) port++
  if (port <= lastEndpointPort) return port
  throw new SkykeepError('UNAVAILABLE', 'every endpoint port from 30001 to 65535 was used', {
    hint: 'Start a fresh persistent path: ports of services that ended are never given again.',
  })
}

/** The service's endpoint, or null. */
export async function findEndpoint(db: Db, serviceUid: string): Promise<Endpoint | null> {
  const row = await db.client.endpoint.findUnique({ where: { serviceUid } })
  return row && toEndpoint(row)
}

/** @throws NOT_FOUND */
export async function getEndpoint(db: Db, serviceUid: string): Promise<Endpoint> {
  const endpoint = await findEndpoint(db, serviceUid)
  if (endpoint === null) throw notFound(`endpoint of service ${serviceUid}`)
  return endpoint
}

/** Every endpoint that is not a tombstone, by port. */
export async function listEndpoints(db: Db): Promise<Endpoint[]> {
  const rows = await db.client.endpoint.findMany({
    where: { status: { not: 'RELEASED' } },
    orderBy: { port: 'asc' },
  })
  return rows.map(toEndpoint)
}

function toEndpoint(row: Prisma.EndpointGetPayload<object>): Endpoint {
  const { serviceUid, host, port, status, statusReason } = row
  return {
    serviceUid,
    host,
    port,
    status,
    statusReason,
    createdAtMs: toMs(row.createdAtMs),
    releasedAtMs: toMsOrNull(row.releasedAtMs),
  }
}
