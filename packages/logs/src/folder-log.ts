import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import type { FollowRequest, LogChunk, LogRange, LogSource } from './log-source.ts'
import { lastWrite, readLogTimes, type LogTimes } from './log-times.ts'
import type { Segment } from './segments.ts'
import { openSegment, readLogFolder, segmentSize } from './segments.ts'

const chunkLimitBytes = 256 * 1024
/** File systems that tell no changes are looked at this often. */
const pollMs = 1_000
/** A log that grows all the time is read at most this often. */
const restMs = 25

/** A log in a folder of segments on this machine, written by a LogWriter or by the log pump of a job. */
export class FolderLog implements LogSource {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async read({ offset, limitBytes }: LogRange): Promise<LogChunk> {
    const found = await readLogFolder(this.#folder)
    const empty = { offset: 0, bytes: new Uint8Array(), nextOffset: 0, firstOffset: 0, isEnded: false }
    if (found === null) return empty
    const { segments, hasEndMark } = found
    const [first] = segments
    if (first === undefined) return { ...empty, isEnded: hasEndMark }
    const at = await segmentAt(segments, offset)
    const from = Math.min(Math.max(offset, at.segment.offset), at.end)
    const bytes = await readPart(at.segment, from, limitBytes)
    const nextOffset = from + bytes.length
    const isEnded = hasEndMark && at.isLast && nextOffset >= at.end
    return { offset: from, bytes, nextOffset, firstOffset: first.offset, isEnded }
  }

  times(): Promise<LogTimes | null> {
    return timesOf(this.#folder)
  }

  async *follow({ offset, signal }: FollowRequest): AsyncIterable<LogChunk> {
    const changes = new FolderChanges(this.#folder)
    let next = offset
    let hasSeenFolder = false
    try {
      while (!signal.aborted) {
        changes.arm()
        const chunk = await this.read({ offset: next, limitBytes: chunkLimitBytes })
        if (chunk.bytes.length > 0) {
          next = chunk.nextOffset
          hasSeenFolder = true
          yield chunk
        } else {
          if (chunk.isEnded) return
          const exists = (await readLogFolder(this.#folder)) !== null
          if (hasSeenFolder && !exists) return
          hasSeenFolder = exists
          await changes.next(signal)
        }
        if (chunk.isEnded) return
      }
    } finally {
      changes.close()
    }
  }
}

/** What was noted, and after it when the last byte that is not noted yet was written. */
export async function timesOf(folder: string): Promise<LogTimes | null> {
  const noted = await readLogTimes(folder)
  const last = noted === null ? undefined : (await readLogFolder(folder))?.segments.at(-1)
  const written = last === undefined ? null : await lastWrite(last)
  if (noted === null || written === null || written.offset <= (noted.at(-1)?.offset ?? 0)) return noted
  return [...noted, written]
}

interface Place {
  readonly segment: Segment
  /** Global offset after its last byte. */
  readonly end: number
  readonly isLast: boolean
}

/** The segment that has the offset, or the next one where there is a gap, or the last. */
async function segmentAt(segments: readonly Segment[], offset: number): Promise<Place> {
  const startsBefore = segments.findLastIndex((segment) => segment.offset <= offset)
  const place = await placeOf(segments, Math.max(0, startsBefore))
  return place.isLast || offset < place.end ? place : placeOf(segments, startsBefore + 1)
}

async function placeOf(segments: readonly Segment[], index: number): Promise<Place> {
  const segment = segments[index]
  if (segment === undefined) throw new RangeError(`segment ${index} of ${segments.length}`)
  const end = segment.offset + (await segmentSize(segment))
  return { segment, end, isLast: index === segments.length - 1 }
}

async function readPart(segment: Segment, from: number, limitBytes: number): Promise<Uint8Array> {
  // Dropped by the cap since the folder was read: the next read finds what is left.
  const file = await openSegment(segment)
  if (file === null) return new Uint8Array()
  try {
    const buffer = Buffer.alloc(limitBytes)
    const { bytesRead } = await file.read(buffer, 0, limitBytes, from - segment.offset)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Tells when something in a folder changed: by the kernel's notice, or else after a while. */
class FolderChanges {
  readonly #folder: string
  #watcher: FSWatcher | null = null
  #hasChanged = false
  #wake: (() => void) | null = null

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Called before a look: what changes from now on ends the next wait. */
  arm(): void {
    this.#hasChanged = false
    if (this.#watcher !== null) return
    try {
      this.#watcher = watch(this.#folder, { persistent: false }, () => {
        this.#hasChanged = true
        this.#wake?.()
      })
      this.#watcher.on('error', () => this.#dropWatcher())
    } catch {
      // Not there yet, or no watches left: the poll finds it.
    }
  }

  async next(signal: AbortSignal): Promise<void> {
    await pause(restMs, signal)
    if (this.#hasChanged || signal.aborted) return
    await pause(pollMs, signal, (wake) => {
      this.#wake = wake
    })
    this.#wake = null
  }

  close(): void {
    this.#dropWatcher()
  }

  #dropWatcher(): void {
    this.#watcher?.close()
    this.#watcher = null
  }
}

/** Ends after `ms`, when the signal is aborted, or when somebody calls what `offer` was given. */
function pause(
  ms: number,
  signal: AbortSignal,
  offer: (wake: () => void) => void = () => undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, ms)
    signal.addEventListener('abort', wake)
    offer(wake)
  })
}
