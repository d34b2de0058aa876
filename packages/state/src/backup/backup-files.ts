import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readArchive } from '../archive/archive-reader.ts'
import { type BackupHead, parseHead, parts } from './manifest.ts'

/** A backup as the folder shows it; nothing of it was checked. */
export interface ListedBackup {
  readonly file: string
  readonly bytes: number
  /** What it says of itself; null where it cannot be read as a backup. */
  readonly head: BackupHead | null
}

/** The name that a backup gets in a folder: who and when. */
export function backupFileName(installationId: string, atMs: number): string {
  const at = new Date(atMs).toISOString().replace(/[-:]/g, '').replace('.', '-')
  return `skykeep-${installationId}-${at}.tar.zst`
}

/** The backups of a folder, newest first. Reads the first part of each. */
export async function listBackups(folder: string): Promise<readonly ListedBackup[]> {
  const listed: ListedBackup[] = []
  for (const name of backupNames(folder)) {
    const file = join(folder, name)
    const bytes = statSync(file, { throwIfNoEntry: false })?.size
    if (bytes !== undefined) listed.push({ file, bytes, head: await headOf(file).catch(() => null) })
  }
  return listed.toSorted((a, b) => (b.head?.createdAtMs ?? 0) - (a.head?.createdAtMs ?? 0))
}

/** What a backup says of itself. @throws INVALID_INPUT or UNSUPPORTED for what is none, and the file system's error. */
export async function headOf(file: string): Promise<BackupHead> {
  for await (const entry of readArchive(file)) {
    if (entry.path !== parts.head) break
    return parseHead(Buffer.concat(await collected(entry.chunks)).toString('utf8'))
  }
  return parseHead('')
}

/** Removes the oldest of the installation's backups that `keep` does not reach. Returns their files. */
export async function pruneBackups(
  folder: string,
  installationId: string,
  keep: number,
): Promise<readonly string[]> {
  const own = (await listBackups(folder)).filter(({ head }) => head?.installationId === installationId)
  const old = own.slice(Math.max(keep, 1)).map(({ file }) => file)
  for (const file of old) rmSync(file, { force: true })
  return old
}

function backupNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^skykeep-.+\.tar\.zst$/.test(name))
  } catch {
    return []
  }
}

async function collected(chunks: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return all
}
