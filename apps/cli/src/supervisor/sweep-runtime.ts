import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { identityOf, isProcessAlive } from '@skykeep/persistent-path/process-identity'
import { listRecordNames, readProcessRecord } from '@skykeep/persistent-path/runtime-files'
import type { SupervisorContext } from './context.ts'

/**
 * Removes what dead processes left in runtime/: their records, sockets of stand-bys, and halves of atomic writes. Only for the holder of the
 * instance lock.
 */
export function sweepRuntime(context: SupervisorContext): void {
  const { layout, storage } = context
  storage.attempt('runtime files', () => {
    for (const name of listRecordNames(layout)) {
      const record = readProcessRecord(layout, name)
      if (record === undefined || !isProcessAlive(record)) rmSync(layout.processFile(name), { force: true })
    }
    for (const folder of [layout.runtimeDir, layout.processesDir]) {
      for (const file of readdirSync(folder)) {
        if (isLeftBehind(file)) rmSync(join(folder, file), { force: true })
      }
    }
  })
}

/** `sb-PID.sock` and `.NAME.PID.N.tmp` of a process that is gone. */
function isLeftBehind(file: string): boolean {
  const pid = /^sb-(\d+)\.sock$/.exec(file)?.[1] ?? /^\..+\.(\d+)\.\d+\.tmp$/.exec(file)?.[1]
  return pid !== undefined && identityOf(Number(pid)) === undefined
}
