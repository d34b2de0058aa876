import type { VersionFacts } from '@skykeep/db/prune-versions'

/**
 * The versions that may go, oldest first: none of the newest `keep`, none that anything names, and none that a version that stays has its
 * task from. All of a service that ended. Pure.
 */
export function surplusVersions(
  { isServiceEnded, versions, used }: VersionFacts,
  keep: number,
): readonly number[] {
  const newestFirst = versions.toSorted((a, b) => b.version - a.version)
  const numbers = newestFirst.map(({ version }) => version)
  if (isServiceEnded) return numbers.toReversed()
  const stays = new Set([...numbers.slice(0, keep), ...used])
  // A task is never from a later version: one way down finds every root.
  for (const { version, taskVersion } of newestFirst) if (stays.has(version)) stays.add(taskVersion)
  return numbers.filter((version) => !stays.has(version)).toReversed()
}

/** A log that is kept: that of a replica or an operation. */
export interface KeptLog {
  /** File or folder. */
  readonly path: string
  readonly bytes: number
  /** Wall time of its last line. */
  readonly atMs: number
  /** Of something that has not ended. */
  readonly isLiving: boolean
}

export interface LogBounds {
  readonly capBytes: number
  /** Those that ended before this wall time go, whatever the size; null: no limit of age now. */
  readonly beforeMs: number | null
}

/** The logs that may go: what is too old, then the oldest until all together fit. Never that of something that lives. Pure. */
export function surplusLogs(logs: readonly KeptLog[], { capBytes, beforeMs }: LogBounds): readonly KeptLog[] {
  let bytes = logs.reduce((sum, log) => sum + log.bytes, 0)
  const surplus: KeptLog[] = []
  for (const log of logs.toSorted((a, b) => a.atMs - b.atMs)) {
    if (log.isLiving) continue
    const isOld = beforeMs !== null && log.atMs < beforeMs
    if (!isOld && bytes <= capBytes) continue
    surplus.push(log)
    bytes -= log.bytes
  }
  return surplus
}

export interface Space {
  /** Bytes that this user may still write. */
  readonly freeBytes: number
  readonly totalBytes: number
}

/** Whether logs must make room before the reserve has to: less is free than the reserve and 1 % of the disk. Pure. */
export function isDiskLow({ freeBytes, totalBytes }: Space, reserveBytes: number): boolean {
  return freeBytes < reserveBytes + totalBytes / 100
}

/** However low the disk is, this part of the cap stays: the newest logs, which tell why. */
const leastShare = 1 / 16

/** The cap in force: while the disk is low, half of what is there goes in each look. Pure. */
export function logCapBytes(capBytes: number, heldBytes: number, isLow: boolean): number {
  if (!isLow) return capBytes
  return Math.max(Math.min(capBytes, heldBytes) / 2, capBytes * leastShare)
}
