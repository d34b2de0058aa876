import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PartSizeView } from '@skykeep/core/state-views'
import type { Layout } from '@skykeep/persistent-path/layout'

/** Entries of one part that are looked at; a replica may have put a million files into its node's folder. */
const entriesMax = 50_000

/** A block of `st_blocks`, whatever the file system's own (stat(2)). */
const blockBytes = 512

/** What each part of a path takes, largest first. Reads no file and follows no link; what vanishes meanwhile is left out. */
export async function partSizes(layout: Layout, atMost = entriesMax): Promise<readonly PartSizeView[]> {
  const folders: readonly (readonly [string, string])[] = [
    ['backups', layout.backupsDir],
    ['logs', layout.logsDir],
    ['versions', layout.versionsDir],
    ['replicas on this machine', layout.localDir],
    ['uploads', layout.uploadsDir],
    ['gateway', layout.gatewayDir],
    ['runtime, disk reserve', layout.runtimeDir],
    ['cache', layout.cacheDir],
    ['temporary files', layout.tmpDir],
    ['keys', layout.keysDir],
  ]
  const sizes: PartSizeView[] = []
  // One after the other: a page that is looked at must not keep the disk from its services.
  for (const [name, folder] of folders) sizes.push({ name, ...(await sizeOf(folder, atMost)) })
  return sizes.toSorted((a, b) => b.bytes - a.bytes)
}

/** Bytes of the write-ahead log beside a SQLite file; 0 where there is none. */
export async function walBytesOf(stateDb: string): Promise<number> {
  return (await lstat(`${stateDb}-wal`).catch(() => undefined))?.size ?? 0
}

async function sizeOf(root: string, atMost: number): Promise<Omit<PartSizeView, 'name'>> {
  let bytes = 0
  let files = 0
  const folders = [root]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await opendir(folder).catch(() => undefined)
    if (entries === undefined) continue
    for await (const entry of entries) {
      if (files === atMost) return { bytes, files, isCutShort: true }
      const path = join(folder, entry.name)
      const stats = await lstat(path).catch(() => undefined)
      if (stats === undefined) continue
      files += 1
      bytes += stats.blocks * blockBytes
      if (stats.isDirectory()) folders.push(path)
    }
  }
  return { bytes, files, isCutShort: false }
}
