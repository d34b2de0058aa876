import { link, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { timesOf } from './folder-log.ts'
import { timesFile } from './log-times.ts'
import { endMark, openSegment, readLogFolder, segmentName, segmentSize, type Segment } from './segments.ts'

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
      await keep(segment, `${target}.new`)
      await rename(`${target}.new`, target)
    }
    await keepTimes(from, to)
    await writeFile(join(to, endMark), '', { mode: 0o600 })
  } catch (error) {
    throw new SkykeepError('STORAGE_DEGRADED', `cannot keep the log of ${from}`, {
      cause: error,
      userMessage: 'The log of a removed replica cannot be kept: the disk is full, read-only or broken.',
      hint: 'Free space under the persistent path, then look at `skykeep state doctor`.',
    })
  }
}

async function keepTimes(from: string, to: string): Promise<void> {
  const times = await timesOf(from)
  if (times === null) return
  const lines = times.map(({ atMs, offset }) => `${atMs / 1000} ${offset}\n`)
  await writeFile(join(to, timesFile), lines.join(''), { mode: 0o600 })
}

/** Copies a segment; on a full disk gives it a second name, which costs no space: the node that fills the disk can go then. */
async function keep(segment: Segment, target: string): Promise<void> {
  try {
    await writeFile(target, await contentOf(segment), { mode: 0o600 })
  } catch {
    await rm(target, { force: true })
    await link(segment.path, target)
  }
}

/** A segment of ours has at most 1 MiB and one read; whatever a job put in its place is cut there. */
const segmentBytesMax = 2 * 1024 * 1024

async function contentOf(segment: Segment): Promise<Uint8Array> {
  const file = await openSegment(segment)
  if (file === null) return new Uint8Array()
  try {
    const buffer = Buffer.alloc(segmentBytesMax)
    const { bytesRead } = await file.read(buffer, 0, segmentBytesMax, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
