import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { livingReplicaNumbers } from '@skykeep/db/prune-replicas'
import { runningOperationUids } from '@skykeep/db/prune-operations'
import { write } from '../context.ts'
import { logCapBytes, surplusLogs, type KeptLog } from './decide.ts'
import type { RetentionParts, RetentionPass } from './parts.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const mebibyte = 1 << 20

/** Removes a file or folder. @returns false, and says so in the log, when the file system refuses. */
export async function removePath({ log }: Pick<RetentionParts, 'log'>, path: string): Promise<boolean> {
  try {
    await rm(path, { recursive: true, force: true })
    return true
  } catch (error) {
    log.warn({ err: error, path }, 'retention cannot remove this; it is tried again')
    return false
  }
}

/** Removes logs, uploads and temporary files beyond their limits; they make room first when the disk is low. */
export async function pruneFiles(parts: RetentionParts, pass: RetentionPass, isLow: boolean): Promise<void> {
  // A plane that was replaced removes nothing.
  await write(parts, async () => undefined)
  await pruneLogs(parts, pass, isLow)
  const { limits, paths } = parts
  const beforeMs = pass.before((isLow ? 1 : limits.temporaryHours) * hourMs)
  if (beforeMs === null) return
  await pruneFolder(parts, paths.uploadsDir, { beforeMs, isOurs: () => true })
  // What a killed `up` or prune left is known by its name, and has a sweep of its own.
  await pruneFolder(parts, paths.tmpDir, { beforeMs, isOurs: (name) => !/^(version|prune)-/.test(name) })
}

async function pruneLogs(parts: RetentionParts, pass: RetentionPass, isLow: boolean): Promise<void> {
  const { limits } = parts
  const logs = [...(await replicaLogs(parts)), ...(await operationLogs(parts))]
  const heldBytes = logs.reduce((sum, { bytes }) => sum + bytes, 0)
  const capBytes = logCapBytes(limits.logMegabytes * mebibyte, heldBytes, isLow)
  const surplus = surplusLogs(logs, { capBytes, beforeMs: pass.before(limits.logDays * dayMs) })
  for (const { path } of surplus) if (await removePath(parts, path)) pass.note('logs', 1)
  if (surplus.length > 0 && isLow) {
    parts.log.warn({ removed: surplus.length, capBytes, heldBytes }, 'the disk is low: older logs made room')
  }
}

/** One folder a replica: `logs/services/<service uid>/<number>`. */
async function replicaLogs({ paths, database }: RetentionParts): Promise<readonly KeptLog[]> {
  const living = new Set(
    (await livingReplicaNumbers(database)).map(({ serviceUid, replicaId }) => `${serviceUid}/${replicaId}`),
  )
  const logs: KeptLog[] = []
  for (const serviceUid of await namesIn(paths.serviceLogsRootDir)) {
    for (const name of await namesIn(join(paths.serviceLogsRootDir, serviceUid))) {
      const path = join(paths.serviceLogsRootDir, serviceUid, name)
      const sized = await sizeOf(path)
      if (sized !== null) logs.push({ path, ...sized, isLiving: living.has(`${serviceUid}/${name}`) })
    }
  }
  return logs
}

async function operationLogs({ paths, database }: RetentionParts): Promise<readonly KeptLog[]> {
  const running = await runningOperationUids(database)
  const logs: KeptLog[] = []
  for (const name of await namesIn(paths.operationLogsDir)) {
    const path = join(paths.operationLogsDir, name)
    const sized = await sizeOf(path)
    if (sized !== null) logs.push({ path, ...sized, isLiving: running.some((uid) => name.startsWith(uid)) })
  }
  return logs
}

/** Bytes and newest change of a file, or of the files in a folder; null when it is gone. */
async function sizeOf(path: string): Promise<{ readonly bytes: number; readonly atMs: number } | null> {
  const own = await stat(path).catch(() => null)
  if (own === null) return null
  if (!own.isDirectory()) return { bytes: own.size, atMs: own.mtimeMs }
  let bytes = 0
  let atMs = own.mtimeMs
  for (const name of await namesIn(path)) {
    const file = await stat(join(path, name)).catch(() => null)
    bytes += file?.size ?? 0
    atMs = Math.max(atMs, file?.mtimeMs ?? 0)
  }
  return { bytes, atMs }
}

async function pruneFolder(
  parts: RetentionParts,
  folder: string,
  { beforeMs, isOurs }: { readonly beforeMs: number; readonly isOurs: (name: string) => boolean },
): Promise<void> {
  for (const name of (await namesIn(folder)).filter(isOurs)) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => null)
    // A socket is somebody's, however old it is.
    const isPlain = found !== null && (found.isFile() || found.isDirectory())
    if (isPlain && found.mtimeMs < beforeMs) await removePath(parts, path)
  }
}

/** What is in a folder; nothing when it is not there. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => [])
}
