import { appendFile, mkdir, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** One file and as many older ones (`.1` the youngest), so that a process never takes more than 40 MiB. */
const maxFileBytes = 8 * 1024 * 1024
const olderFiles = 4
/** What may wait for a slow disk; lines beyond are dropped, and counted. */
const maxPendingChars = 1024 * 1024
const writeAtChars = 64 * 1024
const writeEveryMs = 1000
const droppedToldMs = 3_600_000

/** One line of the log. No field of a request but its id, no query, no body, no address. */
export interface AccessEntry {
  /** When the request ended, ISO 8601. */
  readonly time: string
  /** As the replica got it in X-Request-Id; '' of a request that was refused before it had one. */
  readonly id: string
  readonly service: string
  /** The small number that people see, of the last one that the request reached; null: none. */
  readonly replica: number | null
  readonly version: number | null
  readonly method: string
  /** Without the query, at most 512 characters. */
  readonly path: string
  /** 0: nothing was answered. */
  readonly status: number
  /** Of the request's body, as the client sent it. */
  readonly bytesIn: number
  /** From the replica, head included; of a tunnel all that came from it. */
  readonly bytesOut: number
  readonly ms: number
  /** Null: no byte came. */
  readonly firstByteMs: number | null
  /** How often it went on to another replica. */
  readonly retries: number
  /** Why it did not end well; '' when it did. */
  readonly reason: string
}

/**
 * A sample of the requests of one process as JSON lines. Lines gather in memory and are appended by the thread pool of the runtime, so that
 * no request waits for a disk; a process that is killed loses those of the last second. A disk that fails costs lines, never a request.
 */
export class AccessLog {
  /** Lines that were not written: the disk was slow, or failed. */
  droppedLines = 0
  /** Monotonic ms at which a sweep last found that more were dropped. */
  private droppedAt = -Infinity
  private droppedBefore = 0
  /** Why the last write failed; '' after one that worked. */
  lastError = ''
  private path: string
  private readonly random: () => number
  private pending = ''
  private pendingLines = 0
  private writing: Promise<void> | null = null
  private writtenAt = -Infinity
  /** Of the file; -1: not known. */
  private size = -1
  /** The file may end in the middle of a line. */
  private isTorn = false

  /** @param random from 0 to below 1. */
  constructor(path: string, random: () => number) {
    this.path = path
    this.random = random
  }

  /** @param share of the requests that are written: 0 to 1. */
  isSampled(share: number): boolean {
    return share >= 1 || this.random() < share
  }

  add(entry: AccessEntry): void {
    if (this.pending.length >= maxPendingChars) {
      this.droppedLines += 1
      return
    }
    this.pending += `${JSON.stringify(entry)}\n`
    this.pendingLines += 1
  }

  /** Called every 50 ms: has what waits written, when it is much or has waited for a second. @param now monotonic ms. */
  sweep(now: number): void {
    if (this.droppedLines > this.droppedBefore) this.droppedAt = now
    this.droppedBefore = this.droppedLines
    if (this.pending === '' || this.writing !== null) return
    if (this.pending.length < writeAtChars && now - this.writtenAt < writeEveryMs) return
    this.writtenAt = now
    this.writing = this.writePending()
  }

  /** What is wrong with it, for people; '' when nothing is. Lines that were dropped are spoken of for an hour. @param now monotonic ms. */
  fault(now: number): string {
    const { lastError, droppedLines } = this
    if (lastError !== '')
      return `the access log cannot be written (dropped lines: ${droppedLines}): ${lastError}`
    if (now - this.droppedAt >= droppedToldMs) return ''
    return `the access log lacks lines (dropped: ${droppedLines}): the disk was slow, or failed for a while`
  }

  private async writePending(): Promise<void> {
    const { path, pending, pendingLines } = this
    this.pending = ''
    this.pendingLines = 0
    try {
      await this.append(path, this.isTorn ? `\n${pending}` : pending)
      this.isTorn = false
      this.lastError = ''
    } catch (error) {
      this.isTorn = true
      this.size = -1
      this.droppedLines += pendingLines
      this.lastError = error instanceof Error ? error.message : String(error)
    }
    this.writing = null
  }

  private async append(path: string, text: string): Promise<void> {
    const bytes = Buffer.from(text)
    if (this.size < 0) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      this.size = await sizeOf(path)
    }
    if (this.size > 0 && this.size + bytes.length > maxFileBytes) {
      await rotate(path)
      this.size = 0
    }
    await appendFile(path, bytes, { mode: 0o600 })
    // It may have been told to go on elsewhere.
    this.size = path === this.path ? this.size + bytes.length : -1
  }

  /** Goes on in another folder; what is being written goes where it went. */
  moveTo(path: string): void {
    if (path === this.path) return
    this.path = path
    this.size = -1
    this.isTorn = false
  }

  /** Writes what waits; resolves when it stands in the file, or cannot. */
  async close(): Promise<void> {
    await this.writing
    if (this.pending !== '') await this.writePending()
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    const { size } = await stat(path)
    return size
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
}

async function rotate(path: string): Promise<void> {
  for (let age = olderFiles - 1; age >= 0; age -= 1) {
    try {
      await rename(age === 0 ? path : `${path}.${age}`, `${path}.${age + 1}`)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 'ENOENT'
}
