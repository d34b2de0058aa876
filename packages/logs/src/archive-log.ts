import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { endMark, readLogFolder, segmentName, segmentSize } from './segments.ts'

export interface Archiving {
  /** Folder of the job's log on its node: `jobLogFolder` of node-runtime. */
  readonly from: string
  /** Where it is kept: `logs/services/<serviceUid>/<replicaId>` under the persistent path. */
  readonly to: string
  /** Bytes kept, the newest; whole segments, so at least one. */
  readonly capBytes: number
}

/**
 * Copies what a job wrote to where it outlives its node, and marks it as complete. Offsets stay as they were. Repeating it is
 * safe: a copy that is complete stays as it is. A log that is not there leaves an empty, complete one. Throws STORAGE_DEGRADED.
 */
export async function archiveJobLog({ from, to, capBytes }: Archiving): Promise<void> {
  if ((await readLogFolder(to))?.hasEndMark === true) return
  const { segments } = (await readLogFolder(from)) ?? { segments: [] }
  try {
    await mkdir(to, { recursive: true, mode: 0o700 })
    let kept = 0
    for (const segment of segments.toReversed()) {
      kept += await segmentSize(segment)
      if (kept > capBytes && segment !== segments.at(-1)) break
      const target = join(to, segmentName(segment.offset))
      await copyFile(segment.path, `${target}.new`)
      await rename(`${target}.new`, target)
    }
    await writeFile(join(to, endMark), '', { mode: 0o600 })
  } catch (error) {
    throw new SkykeepError('STORAGE_DEGRADED', `cannot keep the log of ${from}`, {
      cause: error,
      userMessage: 'The log of a removed replica cannot be kept: the disk is full, read-only or broken.',
      hint: 'Free space under the persistent path, then look at `skykeep state doctor`.',
    })
  }
}
