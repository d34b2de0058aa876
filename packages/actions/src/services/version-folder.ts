import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ActionPaths } from '../paths.ts'
import { asStorageError } from '../uploads/storage-error.ts'
import { syncPath, syncTree } from '../uploads/sync-tree.ts'
import { unpackUpload } from '../uploads/unpack-upload.ts'
import type { UploadLimits } from '@skykeep/core/upload-limits'

export interface VersionSource {
  readonly serviceUid: string
  readonly version: number
  /** With every secret blanked. */
  readonly yaml: string
  /** Packed working folder; null: an empty one. */
  readonly uploadFile: string | null
}

export interface PlacedVersion {
  /** The row names the folder: forget the intent. */
  keep(): Promise<void>
  /** The row was not written: remove the folder, then the intent. */
  discard(): Promise<void>
}

const intentName = /^version-([A-Za-z0-9_-]+)-(\d+)\.json$/

/**
 * Puts the immutable copy of a version in its place: unpacked beside, fsynced, renamed. What it is about to do is on disk first, so that
 * `sweepVersionFolders` finds what a crash before the row left behind. Throws INVALID_INPUT (the upload), STORAGE_DEGRADED.
 */
export async function placeVersion(
  paths: ActionPaths,
  source: VersionSource,
  limits: UploadLimits,
): Promise<PlacedVersion> {
  const { serviceUid, version } = source
  const target = paths.versionDir(serviceUid, version)
  const intent = join(paths.tmpDir, `version-${serviceUid}-${version}.json`)
  const staging = join(paths.tmpDir, `version-${serviceUid}-${version}`)
  const placed: PlacedVersion = {
    keep: () => rm(intent, { force: true }),
    discard: () => removeVersion(paths, serviceUid, version),
  }
  try {
    await writeDurable(intent, JSON.stringify({ serviceUid, version }))
    await syncPath(paths.tmpDir)
    await mkdir(join(staging, 'workdir'), { recursive: true, mode: 0o700 })
    if (source.uploadFile !== null) await unpackUpload(source.uploadFile, join(staging, 'workdir'), limits)
    await writeDurable(join(staging, 'service.yaml'), source.yaml)
    await syncTree(staging)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await rename(staging, target)
    await syncPath(dirname(target))
    await syncPath(dirname(dirname(target)))
  } catch (error) {
    await placed.discard().catch(() => undefined)
    throw asStorageError(error)
  }
  return placed
}

/**
 * Removes what interrupted calls of `placeVersion` left: only what an intent names and no row does. Run it once, before the first request
 * of a process that holds the fence. Returns how many were removed.
 */
export async function sweepVersionFolders(
  paths: ActionPaths,
  hasVersion: (serviceUid: string, version: number) => Promise<boolean>,
): Promise<number> {
  let removed = 0
  for (const name of await readdir(paths.tmpDir)) {
    const match = intentName.exec(name)
    const serviceUid = match?.[1]
    if (match === null || serviceUid === undefined) continue
    const version = Number(match[2])
    if (await hasVersion(serviceUid, version)) {
      await rm(join(paths.tmpDir, name), { force: true })
    } else {
      await removeVersion(paths, serviceUid, version)
      removed += 1
    }
  }
  return removed
}

async function removeVersion(paths: ActionPaths, serviceUid: string, version: number): Promise<void> {
  const target = paths.versionDir(serviceUid, version)
  await rm(join(paths.tmpDir, `version-${serviceUid}-${version}`), { recursive: true, force: true })
  await rm(target, { recursive: true, force: true })
  if ((await readdir(dirname(target)).catch(() => ['unknown'])).length === 0)
    await rm(dirname(target), { recursive: true })
  await rm(join(paths.tmpDir, `version-${serviceUid}-${version}.json`), { force: true })
}

async function writeDurable(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600, flush: true })
}
