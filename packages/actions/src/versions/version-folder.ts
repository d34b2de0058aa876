import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import type { UploadLimits } from '@skykeep/core/upload-limits'
import type { ActionPaths } from '../paths.ts'
import { asStorageError } from '../uploads/storage-error.ts'
import { syncPath, syncTree } from '../uploads/sync-tree.ts'
import { unpackUpload } from '../uploads/unpack-upload.ts'
import { contentHash } from './content-hash.ts'
import type { TlsFiles } from './tls-files.ts'

export interface VersionSource {
  /** Names the folder until the version has a number; unique. */
  readonly uid: string
  /** With every secret blanked. */
  readonly yaml: string
  /** Packed working folder; null: an empty one, or that of `workdirFrom`. */
  readonly uploadFile: string | null
  /** Folder of the version whose files it takes over; absent: none. */
  readonly workdirFrom?: string
  /** What the gateway terminates TLS with; null: plain HTTP. */
  readonly tls: TlsFiles | null
}

/** A version that lies beside the others: complete, and without a number. */
export interface StagedVersion {
  /** SHA-256 of the working folder; empty for an empty one. */
  readonly contentHash: string
  /**
   * Puts it in its place under the first number from `least` on that nothing has. What it is about to do is on disk first, so that
   * `sweepVersionFolders` finds what a crash before the row leaves behind. Throws STORAGE_DEGRADED.
   */
  place(serviceUid: string, least: number): Promise<PlacedVersion>
  /** Nobody wants it: remove it. Does nothing once it is placed. */
  discard(): Promise<void>
}

export interface PlacedVersion {
  readonly version: number
  /** The row names the folder: forget the intent. */
  keep(): Promise<void>
  /** The row was not written: remove the folder, then the intent. */
  discard(): Promise<void>
}

const intentName = /^version-([A-Za-z0-9_-]+)-(\d+)\.json$/
const stagingName = /^staged-[A-Za-z0-9_-]+$/
const numbersTried = 100

/** Makes the immutable copy of a version, unpacked and fsynced. Throws INVALID_INPUT (the upload), STORAGE_DEGRADED. */
export async function stageVersion(
  paths: ActionPaths,
  source: VersionSource,
  limits: UploadLimits,
): Promise<StagedVersion> {
  const staging = join(paths.tmpDir, `staged-${source.uid}`)
  const discard = (): Promise<void> => rm(staging, { recursive: true, force: true })
  try {
    const workdir = join(staging, 'workdir')
    await mkdir(workdir, { recursive: true, mode: 0o700 })
    if (source.uploadFile !== null) await unpackUpload(source.uploadFile, workdir, limits)
    else if (source.workdirFrom !== undefined) await copyWorkdir(source.workdirFrom, workdir)
    await writeDurable(join(staging, 'service.yaml'), source.yaml)
    if (source.tls !== null) await writeTls(join(staging, 'tls'), source.tls)
    const hash = await contentHash(workdir)
    return {
      contentHash: hash,
      place: (serviceUid, least) => place(paths, staging, { serviceUid, least }),
      discard,
    }
  } catch (error) {
    await discard().catch(() => undefined)
    throw asStorageError(error)
  }
}

/** Links stay what they are: each leads to a place inside its folder. */
async function copyWorkdir(version: string, workdir: string): Promise<void> {
  await cp(join(version, 'workdir'), workdir, { recursive: true, verbatimSymlinks: true }).catch(
    (cause: unknown) => {
      throw isGone(cause) ? goneFiles(cause) : cause
    },
  )
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function goneFiles(cause: unknown): SkykeepError {
  return new SkykeepError('INVALID_INPUT', 'the files of the version to take over are gone', {
    userMessage: 'The working folder of the running version is gone, so it cannot be kept.',
    hint: 'Send the folder along: choose it on the page, or use `skykeep serve update NAME FILE`.',
    cause,
  })
}

async function writeTls(folder: string, { certificate, key }: TlsFiles): Promise<void> {
  await mkdir(folder, { mode: 0o700 })
  await writeDurable(join(folder, 'cert.pem'), certificate)
  await writeDurable(join(folder, 'key.pem'), key)
}

async function place(
  paths: ActionPaths,
  staging: string,
  { serviceUid, least }: { readonly serviceUid: string; readonly least: number },
): Promise<PlacedVersion> {
  try {
    await syncTree(staging)
    for (let version = least; version < least + numbersTried; version += 1) {
      if (!(await claim(paths, serviceUid, version))) continue
      const placed: PlacedVersion = {
        version,
        keep: () => rm(intentOf(paths, serviceUid, version), { force: true }),
        discard: () => removeVersion(paths, serviceUid, version),
      }
      const target = paths.versionDir(serviceUid, version)
      try {
        await mkdir(dirname(target), { recursive: true, mode: 0o700 })
        await rename(staging, target)
        await syncPath(dirname(target))
        await syncPath(dirname(dirname(target)))
      } catch (error) {
        // A folder of that number without a row, which nobody here made: it is left, and the next number is taken.
        if (!isTaken(error)) {
          await placed.discard().catch(() => undefined)
          throw error
        }
        await placed.keep()
        continue
      }
      return placed
    }
  } catch (error) {
    throw asStorageError(error)
  }
  throw new SkykeepError('CONFLICT', `no free version number of ${serviceUid} from ${least} on`, {
    userMessage: 'Too many folders of versions that nobody finished stand in the way.',
    hint: 'Start the control plane again: it removes them.',
  })
}

/** Writes down, for ever until it is taken back, that this version is about to be placed; false when somebody else is doing so. */
async function claim(paths: ActionPaths, serviceUid: string, version: number): Promise<boolean> {
  try {
    const content = JSON.stringify({ serviceUid, version })
    await writeFile(intentOf(paths, serviceUid, version), content, { mode: 0o600, flush: true, flag: 'wx' })
  } catch (error) {
    if (isTaken(error)) return false
    throw error
  }
  await syncPath(paths.tmpDir)
  return true
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['EEXIST', 'ENOTEMPTY'].includes(String(error.code))
}

/**
 * Removes what interrupted calls left: every staged version, and what an intent names and no row does. Run it once, before the first
 * request of a process that holds the fence. Returns how many were removed.
 */
export async function sweepVersionFolders(
  paths: ActionPaths,
  hasVersion: (serviceUid: string, version: number) => Promise<boolean>,
): Promise<number> {
  let removed = 0
  for (const name of await readdir(paths.tmpDir)) {
    if (stagingName.test(name)) {
      await rm(join(paths.tmpDir, name), { recursive: true, force: true })
      removed += 1
      continue
    }
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

function intentOf(paths: ActionPaths, serviceUid: string, version: number): string {
  return join(paths.tmpDir, `version-${serviceUid}-${version}.json`)
}

async function removeVersion(paths: ActionPaths, serviceUid: string, version: number): Promise<void> {
  const target = paths.versionDir(serviceUid, version)
  await rm(target, { recursive: true, force: true })
  if ((await readdir(dirname(target)).catch(() => ['unknown'])).length === 0)
    await rm(dirname(target), { recursive: true })
  await rm(intentOf(paths, serviceUid, version), { force: true })
}

async function writeDurable(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600, flush: true })
}
