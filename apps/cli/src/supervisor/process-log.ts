import { copyFileSync, openSync, statSync, truncateSync } from 'node:fs'
import { storageFaultOf } from '@skykeep/persistent-path/storage-fault'

const maxProcessLogBytes = 8 << 20

/**
 * Opens the log of a process for appending. A storage that takes nothing does not keep a process from starting: then its output is
 * dropped.
 */
export function openProcessLog(path: string): number | 'ignore' {
  try {
    return openSync(path, 'a', 0o600)
  } catch (error) {
    if (storageFaultOf(error) === undefined) throw error
    return 'ignore'
  }
}

/**
 * Keeps a log below twice `maxBytes`: what is in it moves to `<log>.1`, and the file goes on empty. The process that writes it keeps its
 * descriptor, so the file is copied and cut; lines written in between may be lost. On a full disk it is cut without a copy.
 */
export function boundProcessLog(path: string, maxBytes: number = maxProcessLogBytes): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size <= maxBytes) return
  try {
    copyFileSync(path, `${path}.1`)
  } catch (error) {
    if (storageFaultOf(error) === undefined) throw error
  }
  truncateSync(path, 0)
}
