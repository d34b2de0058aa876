import { SkykeepError } from '@skykeep/core/errors'
import type { Db, Tx } from './handles.ts'
import { fromMs } from './milliseconds.ts'

export interface AddressReservation {
  readonly host: string
  readonly port: number
  readonly replicaUid: string
  /** First route table without the address; null while the replica may use it. */
  readonly releasedAtTable: number | null
}

export interface AddressRequest {
  readonly replicaUid: string
  readonly host: string
  /** Both ends belong to the range. */
  readonly firstPort: number
  readonly lastPort: number
  /** Where an installation begins that has reserved nothing yet; default `firstPort`. */
  readonly beginAtPort?: number
  /** Ports that something else on the host holds. */
  readonly avoid?: readonly number[]
  /** Where to go on after a port to avoid; it may lie past the range, which goes round. Default: after the newest. */
  readonly goOnAtPort?: number
}

/**
 * Reserves the next port of the range that nobody has, going round (invariant 9); a replica that has one in the range keeps it.
 * @throws UNAVAILABLE when the range is used up.
 */
export async function reserveAddress(tx: Tx, request: AddressRequest): Promise<AddressReservation> {
  const { replicaUid, host } = request
  const mine = await tx.client.addressReservation.findFirst({
    where: { replicaUid, host, port: { gte: request.firstPort, lte: request.lastPort } },
    select,
  })
  if (mine !== null && request.avoid?.includes(mine.port) !== true) return mine
  if (mine !== null)
    await tx.client.addressReservation.delete({ where: { host_port: { host, port: mine.port } } })
  const rows = await tx.client.addressReservation.findMany({
    where: { host: request.host },
    select: { port: true },
  })
  const taken = new Set([...rows.map((row) => row.port), ...(request.avoid ?? [])])
  const port = await nextPort(tx, request, taken)
  return tx.client.addressReservation.create({
    data: {
      host: request.host,
      port,
      replicaUid: request.replicaUid,
      reservedAtMs: fromMs(tx.clock.now()),
    },
    select,
  })
}

/** After the newest reservation's port, so that a port freed a moment ago is the last to come round again. */
async function nextPort(tx: Tx, request: AddressRequest, taken: ReadonlySet<number>): Promise<number> {
  const size = request.lastPort - request.firstPort + 1
  const start = (request.goOnAtPort ?? (await portAfterNewest(tx, request))) - request.firstPort
  for (let step = 0; step < size; step++) {
    const port = request.firstPort + ((start + step) % size)
    if (!taken.has(port)) return port
  }
  throw new SkykeepError(
    'UNAVAILABLE',
    `no free port on ${request.host} from ${request.firstPort} to ${request.lastPort}`,
    {
      hint: 'Stop services that are not needed: each running replica takes one port.',
    },
  )
}

async function portAfterNewest(tx: Tx, request: AddressRequest): Promise<number> {
  const newest = await tx.client.replica.findFirst({
    where: { host: request.host, port: { gte: request.firstPort, lte: request.lastPort } },
    orderBy: [{ createdAtMs: 'desc' }, { uid: 'desc' }],
    select: { port: true },
  })
  const port = newest?.port ?? null
  return port === null ? (request.beginAtPort ?? request.firstPort) : port + 1
}

/** Says from which route table on the replica's address is not named any more. */
export async function releaseAddress(tx: Tx, replicaUid: string, tableVersion: number): Promise<void> {
  await tx.client.addressReservation.updateMany({
    where: { replicaUid, releasedAtTable: null },
    data: { releasedAtTable: tableVersion },
  })
}

/** Frees the addresses that no gateway can know any more. @param ackedVersion lowest table that every live gateway applied. */
export async function freeAddresses(tx: Tx, ackedVersion: number): Promise<number> {
  const { count } = await tx.client.addressReservation.deleteMany({
    where: { releasedAtTable: { lte: ackedVersion } },
  })
  return count
}

/** Every reservation, released ones included, by address. */
export async function listAddresses(db: Db): Promise<AddressReservation[]> {
  return db.client.addressReservation.findMany({ orderBy: [{ host: 'asc' }, { port: 'asc' }], select })
}

const select = { host: true, port: true, replicaUid: true, releasedAtTable: true }
