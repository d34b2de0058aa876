import type { Db, Tx } from './handles.ts'
import { notFound } from './guard.ts'

/** The versions of a service, and what still points at one. */
export interface VersionFacts {
  /** True once the service is TERMINATED: then nothing points at any. */
  readonly isServiceEnded: boolean
  readonly versions: readonly { readonly version: number; readonly taskVersion: number }[]
  /** Versions that the service, a replica that has not ended, or a rollout under way names. */
  readonly used: ReadonlySet<number>
}

/** The services that have more than `keep` versions. */
export async function servicesWithVersions(db: Db, keep: number): Promise<string[]> {
  const groups = await db.client.serviceVersion.groupBy({
    by: ['serviceUid'],
    having: { serviceUid: { _count: { gt: keep } } },
  })
  return groups.map(({ serviceUid }) => serviceUid)
}

/** @throws NOT_FOUND */
export async function versionFacts(db: Db, serviceUid: string): Promise<VersionFacts> {
  const { client } = db
  const service = await client.service.findUnique({
    where: { uid: serviceUid },
    select: {
      status: true,
      desiredVersion: true,
      targetVersion: true,
      stableVersion: true,
      latestEverReadyVersion: true,
    },
  })
  if (service === null) throw notFound(`service ${serviceUid}`)
  const { status, ...named } = service
  const versions = await client.serviceVersion.findMany({
    where: { serviceUid },
    orderBy: { version: 'desc' },
    select: { version: true, taskVersion: true },
  })
  const replicas = await client.replica.groupBy({
    by: ['version'],
    where: { serviceUid, status: { not: 'TERMINATED' } },
  })
  const rollouts = await client.rollout.findMany({
    where: { serviceUid, status: { in: ['PROGRESSING', 'ROLLING_BACK'] } },
    select: { fromVersion: true, toVersion: true },
  })
  return {
    isServiceEnded: status === 'TERMINATED',
    versions,
    used: new Set([
      ...Object.values(named),
      ...replicas.map(({ version }) => version),
      ...rollouts.flatMap(({ fromVersion, toVersion }) => [fromVersion, toVersion]),
    ]),
  }
}

/** Removes a version with its secrets. Its folder goes afterwards. @returns false when there was none. */
export async function deleteServiceVersion(tx: Tx, serviceUid: string, version: number): Promise<boolean> {
  await tx.client.serviceSecret.deleteMany({ where: { serviceUid, version } })
  return (await tx.client.serviceVersion.deleteMany({ where: { serviceUid, version } })).count > 0
}

/** Whether the version has a row: a folder without one was left by a pass that was killed. */
export async function hasServiceVersion(db: Db, serviceUid: string, version: number): Promise<boolean> {
  const key = { serviceUid_version: { serviceUid, version } }
  return (await db.client.serviceVersion.findUnique({ where: key, select: { uid: true } })) !== null
}
