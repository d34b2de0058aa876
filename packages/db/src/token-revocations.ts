import type { TokenRevocationRoute } from '@skykeep/core/routes'
import type { TokenRevocationKind, TokenRevocationView } from '@skykeep/core/service-key-views'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs } from './milliseconds.ts'

export interface NewTokenRevocation {
  readonly uid: string
  readonly serviceUid: string
  readonly kind: TokenRevocationKind
  /** `jti` or `sub`. */
  readonly value: string
  readonly revokedBy: string
}

/** Longer than any token that a service may take. */
const keptMs = 367 * 24 * 3_600_000

/** Writes it down as of now, also where it stands already; forgets the service's revocations of a year ago. */
export async function saveTokenRevocation(
  tx: Tx,
  revocation: NewTokenRevocation,
): Promise<TokenRevocationView> {
  const { serviceUid, kind, value, revokedBy } = revocation
  const nowMs = tx.clock.now()
  const revokedAtMs = fromMs(nowMs)
  await tx.client.tokenRevocation.deleteMany({
    where: { serviceUid, revokedAtMs: { lt: fromMs(nowMs - keptMs) } },
  })
  const row = await tx.client.tokenRevocation.upsert({
    where: { serviceUid_kind_value: { serviceUid, kind, value } },
    create: { ...revocation, revokedAtMs },
    update: { revokedAtMs, revokedBy },
  })
  return { uid: row.uid, kind, value, revokedAtMs: nowMs, revokedBy }
}

/** What was revoked of a service's tokens, newest first, at most so many; `revokedBy` is a uid. */
export async function listTokenRevocations(
  db: Db,
  serviceUid: string,
  limit: number,
): Promise<readonly TokenRevocationView[]> {
  const rows = await db.client.tokenRevocation.findMany({
    where: { serviceUid },
    orderBy: [{ revokedAtMs: 'desc' }, { uid: 'desc' }],
    take: limit,
  })
  return rows.map(({ uid, kind, value, revokedAtMs, revokedBy }) => ({
    uid,
    kind,
    value,
    revokedAtMs: toMs(revokedAtMs),
    revokedBy,
  }))
}

/** How many were revoked since then. @param sinceMs wall time. */
export async function countTokenRevocations(db: Db, serviceUid: string, sinceMs: number): Promise<number> {
  return await db.client.tokenRevocation.count({
    where: { serviceUid, revokedAtMs: { gte: fromMs(sinceMs) } },
  })
}

/** Everything that was revoked of the living services' tokens, by service, oldest first. */
export async function listRevocationRoutes(
  db: Db,
): Promise<ReadonlyMap<string, readonly TokenRevocationRoute[]>> {
  const rows = await db.client.tokenRevocation.findMany({
    where: { service: { status: { not: 'TERMINATED' } } },
    orderBy: [{ revokedAtMs: 'asc' }, { uid: 'asc' }],
  })
  const routes = new Map<string, TokenRevocationRoute[]>()
  for (const { serviceUid, kind, value, revokedAtMs } of rows) {
    const mine = routes.get(serviceUid) ?? []
    mine.push({ kind, value, atMs: toMs(revokedAtMs) })
    routes.set(serviceUid, mine)
  }
  return routes
}
