import type { Db } from '@skykeep/db/handles'
import { listSpecs, type VersionKey } from '@skykeep/db/service-versions'

/** What a version is never changes, so it is read once by way of each handle. */
const knownOf = new WeakMap<Db, Map<string, boolean>>()
const knownMax = 20_000
const askedAtOnce = 200

/** The services, by uid, that speak HTTPS in the version that is named. */
export async function tlsServices(db: Db, keys: readonly VersionKey[]): Promise<ReadonlySet<string>> {
  const known = knownOf.get(db) ?? new Map<string, boolean>()
  knownOf.set(db, known)
  if (known.size + keys.length > knownMax) known.clear()
  const unknown = keys.filter((key) => !known.has(nameOf(key)))
  for (let at = 0; at < unknown.length; at += askedAtOnce) {
    for (const { spec, ...key } of await listSpecs(db, unknown.slice(at, at + askedAtOnce)))
      known.set(nameOf(key), spec.service.tls !== undefined)
  }
  return new Set(keys.filter((key) => known.get(nameOf(key)) === true).map(({ serviceUid }) => serviceUid))
}

function nameOf({ serviceUid, version }: VersionKey): string {
  return `${serviceUid}/${version}`
}
