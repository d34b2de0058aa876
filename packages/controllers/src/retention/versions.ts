import { readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  deleteServiceVersion,
  hasServiceVersion,
  servicesWithVersions,
  versionFacts,
} from '@skykeep/db/prune-versions'
import { write } from '../context.ts'
import { surplusVersions } from './decide.ts'
import { removePath } from './files.ts'
import type { RetentionParts, RetentionPass } from './parts.ts'

/** Versions that one transaction removes: each may have dozens of secrets. */
const versionsAtOnce = 10
const intentName = /^prune-([A-Za-z0-9_-]+)-(\d+)\.json$/

/** Removes versions that nothing names any more, of every service that has too many. */
export async function pruneVersions(parts: RetentionParts, pass: RetentionPass): Promise<void> {
  for (const serviceUid of await servicesWithVersions(parts.database, parts.limits.versions)) {
    await pruneVersionsOf(parts, pass, serviceUid)
  }
}

/**
 * Removes versions of one service: what is about to go stands in a file first, then the rows go, then the folders. A pass that is killed in
 * between leaves a folder that `sweepPrunedFolders` finds; a row never loses its folder.
 */
export async function pruneVersionsOf(
  parts: RetentionParts,
  pass: RetentionPass,
  serviceUid: string,
): Promise<void> {
  const { database, limits } = parts
  const gone = await pass.drain(async () => {
    const facts = await versionFacts(database, serviceUid)
    const candidates = surplusVersions(facts, limits.versions).slice(0, versionsAtOnce)
    if (candidates.length === 0) return 0
    for (const version of candidates) {
      parts.writeFile(intentFile(parts, serviceUid, version), `${JSON.stringify({ serviceUid, version })}\n`)
    }
    const removed = await write(parts, async (tx) => {
      // What people and controllers asked for meanwhile counts: nobody else writes now.
      const still = surplusVersions(await versionFacts(tx, serviceUid), limits.versions)
      const going = candidates.filter((version) => still.includes(version))
      for (const version of going) await deleteServiceVersion(tx, serviceUid, version)
      return going
    })
    for (const version of candidates) {
      await finish(parts, { serviceUid, version, isGone: removed.includes(version) })
    }
    return removed.length
  })
  pass.note('versions', gone)
}

/** Removes the folders of versions whose row an interrupted pass removed. */
export async function sweepPrunedFolders(parts: RetentionParts): Promise<void> {
  for (const name of await readdir(parts.paths.tmpDir)) {
    const match = intentName.exec(name)
    const serviceUid = match?.[1]
    if (serviceUid === undefined) continue
    const version = Number(match?.[2])
    const isGone = !(await hasServiceVersion(parts.database, serviceUid, version))
    await finish(parts, { serviceUid, version, isGone })
  }
}

/** Removes the folder of a service that has no version any more. */
export async function removeEmptyVersionsFolder(
  { paths }: RetentionParts,
  serviceUid: string,
): Promise<void> {
  await rmdir(paths.serviceVersionsDir(serviceUid)).catch(() => undefined)
}

interface Pruned {
  readonly serviceUid: string
  readonly version: number
  /** The row is gone; else the intent was not carried out. */
  readonly isGone: boolean
}

async function finish(parts: RetentionParts, { serviceUid, version, isGone }: Pruned): Promise<void> {
  // The intent stays for as long as the folder does.
  if (isGone && !(await removePath(parts, parts.paths.versionDir(serviceUid, version)))) return
  await removePath(parts, intentFile(parts, serviceUid, version))
}

function intentFile({ paths }: RetentionParts, serviceUid: string, version: number): string {
  return join(paths.tmpDir, `prune-${serviceUid}-${version}.json`)
}
