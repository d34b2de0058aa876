import type { SpotLocation } from '@skykeep/core/nouns'
import { checkGuard, type Guard } from './guard.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs } from './milliseconds.ts'

/** What is known of the places of a service's spot replicas; one that is missing is ACTIVE. */
export async function listSpotLocations(db: Db, serviceUid: string): Promise<SpotLocation[]> {
  const rows = await db.client.spotLocation.findMany({
    where: { serviceUid },
    orderBy: [{ infra: 'asc' }, { region: 'asc' }, { zone: 'asc' }],
  })
  return rows.map(({ infra, region, zone, status, changedAtMs }) => ({
    infra,
    region,
    zone,
    status,
    changedAtMs: toMs(changedAtMs),
  }))
}

/** Notes how a place is. @throws STALE_LEASE */
export async function saveSpotLocation(
  tx: Tx,
  serviceUid: string,
  { infra, region, zone, status }: Omit<SpotLocation, 'changedAtMs'>,
  guard: Guard = {},
): Promise<void> {
  await checkGuard(tx, guard)
  const data = { status, changedAtMs: fromMs(tx.clock.now()) }
  await tx.client.spotLocation.upsert({
    where: { serviceUid_infra_region_zone: { serviceUid, infra, region, zone } },
    create: { serviceUid, infra, region, zone, ...data },
    update: data,
  })
}
