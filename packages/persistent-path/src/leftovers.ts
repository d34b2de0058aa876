import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Layout } from './layout.ts'
import { identityOf } from './process-identity.ts'

/** Names of what a process writes before it names it, each with the number of that process. */
const patterns = [
  // A file that is written whole, then renamed.
  /^\..+\.(\d+)\.\d+\.tmp$/,
  // A key that is written whole, then linked.
  /^[\w-]+\.key\.(\d+)\.[0-9a-f]{8}$/,
  // What proves that a path can be written, synced and locked.
  /^\.(?:write|fsync|lock)-(\d+)(?:\.db(?:-\w+)?)?$/,
  /^\.?backup\.(\d+)\.(?:db(?:-\w+)?|tmp)$/,
  /^skykeep-verify-(\d+)-\w{6}$/,
]

/** What processes that are gone left of unfinished work in a folder goes; what a living one writes stays. A missing folder is an empty one. */
export function sweepFolder(folder: string): void {
  for (const name of namesIn(folder)) {
    const pid = patterns.map((pattern) => pattern.exec(name)?.[1]).find((each) => each !== undefined)
    if (pid !== undefined && identityOf(Number(pid)) === undefined)
      rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/** The same in every folder of a path where such things are. */
export function sweepLeftovers(layout: Layout): void {
  const { root, keysDir, tmpDir, backupsDir, gatewayDir, runtimeDir, processesDir } = layout
  for (const folder of [root, keysDir, tmpDir, backupsDir, gatewayDir, runtimeDir, processesDir])
    sweepFolder(folder)
}

/** What is in a folder; a missing one is an empty one. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
