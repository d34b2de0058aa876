import { SkykeepError } from '@skykeep/core/errors'
import type { ServiceVersion } from '@skykeep/core/nouns'
import type { ServiceSpec } from '@skykeep/core/service-spec'
import type { Prisma } from './generated/sqlite/client.ts'
import { notFound } from './guard.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs } from './milliseconds.ts'

export type NewServiceVersion = Omit<ServiceVersion, 'createdAtMs' | 'taskVersion' | 'contentHash'> & {
  /** The first version with the same task; default: this one. */
  readonly taskVersion?: number
  readonly contentHash?: string
}

/** Stores a version; its folder must be complete on disk before. @throws ALREADY_EXISTS for a number that is taken. */
export async function insertServiceVersion(tx: Tx, version: NewServiceVersion): Promise<ServiceVersion> {
  const row = await tx.client.serviceVersion.create({
    data: {
      uid: version.uid,
      serviceUid: version.serviceUid,
      version: version.version,
      // A spec is JSON by its type; Prisma only asks for an index signature.
      spec: version.spec as unknown as Prisma.InputJsonObject,
      specVersion: version.spec.specVersion,
      yaml: version.yaml,
      taskVersion: version.taskVersion ?? version.version,
      contentHash: version.contentHash ?? '',
      createdAtMs: fromMs(tx.clock.now()),
      createdBy: version.createdBy,
    },
  })
  return toServiceVersion(row)
}

/** @throws NOT_FOUND */
export async function getServiceVersion(
  db: Db,
  serviceUid: string,
  version: number,
): Promise<ServiceVersion> {
  const key = { serviceUid_version: { serviceUid, version } }
  const row = await db.client.serviceVersion.findUnique({ where: key })
  if (row === null) throw notFound(`version ${version} of service ${serviceUid}`)
  return toServiceVersion(row)
}

/** Newest first, at most 500. */
export async function listServiceVersions(db: Db, serviceUid: string): Promise<ServiceVersion[]> {
  const rows = await db.client.serviceVersion.findMany({
    where: { serviceUid },
    orderBy: { version: 'desc' },
    take: 500,
  })
  return rows.map(toServiceVersion)
}

export type VersionKey = Pick<ServiceVersion, 'serviceUid' | 'version'>

/** The specs of the versions that are named, in no order; those that are gone are left out. At most 200 at a time. */
export async function listSpecs(
  db: Db,
  keys: readonly VersionKey[],
): Promise<(VersionKey & { readonly spec: ServiceSpec })[]> {
  if (keys.length === 0) return []
  const rows = await db.client.serviceVersion.findMany({
    where: { OR: keys.slice(0, 200).map(({ serviceUid, version }) => ({ serviceUid, version })) },
    select: { serviceUid: true, version: true, spec: true },
  })
  return rows.map(({ serviceUid, version, spec }) => ({
    serviceUid,
    version,
    // Written by insertServiceVersion only, from this very type.
    spec: spec as unknown as ServiceSpec,
  }))
}

function toServiceVersion(row: Prisma.ServiceVersionGetPayload<object>): ServiceVersion {
  if (row.specVersion !== 1) {
    throw new SkykeepError(
      'UNSUPPORTED',
      `version ${row.uid} has spec format ${row.specVersion}, this program reads 1`,
      {
        hint: 'Run the newer program that wrote it.',
      },
    )
  }
  return {
    uid: row.uid,
    serviceUid: row.serviceUid,
    version: row.version,
    // Format 1 is written by insertServiceVersion only, from this very type.
    spec: row.spec as unknown as ServiceSpec,
    yaml: row.yaml,
    taskVersion: row.taskVersion === 0 ? row.version : row.taskVersion,
    contentHash: row.contentHash,
    createdAtMs: toMs(row.createdAtMs),
    createdBy: row.createdBy,
  }
}
