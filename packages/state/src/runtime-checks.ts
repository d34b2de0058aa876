import { callControl } from '@skykeep/persistent-path/control'
import { isLockHeld, readHolder } from '@skykeep/persistent-path/instance-lock'
import type { Layout } from '@skykeep/persistent-path/layout'
import { isProcessAlive } from '@skykeep/persistent-path/process-identity'
import { listRecordNames, readProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { type Check, failedCheck } from './check.ts'
import { judgeHolder, judgeRuntimeFiles } from './judge.ts'

/** Who holds the path, and runtime files without a process. Never call it in the process that holds the instance lock. */
export async function runtimeChecks(layout: Layout): Promise<readonly Check[]> {
  return [await holderCheck(layout), judgeRuntimeFiles(runtimeFilesOf(layout))]
}

async function holderCheck(layout: Layout): Promise<Check> {
  try {
    const isHeld = isLockHeld(layout)
    const holder = readHolder(layout)
    return judgeHolder({
      isHeld,
      holder,
      isHolderAlive: holder !== undefined && isProcessAlive(holder),
      isAnswering: isHeld && (await isSupervisorAnswering(layout)),
    })
  } catch (error) {
    return failedCheck('one writer', error, 'Free space, or remount the disk writable.')
  }
}

async function isSupervisorAnswering(layout: Layout): Promise<boolean> {
  try {
    await callControl(layout.supervisorSocket, { method: 'GET', path: '/health' })
    return true
  } catch {
    return false
  }
}

function runtimeFilesOf(layout: Layout): Parameters<typeof judgeRuntimeFiles>[0] {
  return listRecordNames(layout).map((name) => {
    const record = readProcessRecord(layout, name)
    return { name, isReadable: record !== undefined, isAlive: record !== undefined && isProcessAlive(record) }
  })
}
