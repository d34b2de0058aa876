import { closeSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import type { UnfinishedRequest } from '@skykeep/core/routes'
import type { RequestJournal } from './in-flight.ts'
import type { ProcessIdentity } from './process-identity.ts'

const compactAtBytes = 1024 * 1024

/** The first line of a journal. */
export interface JournalHeader {
  readonly epoch: string
  readonly process: ProcessIdentity
}

/** A line after the first: begun (or said again), ended, lost with its replica, lost ones reported and acked. */
export type JournalLine =
  | { readonly b: UnfinishedRequest }
  | { readonly e: string }
  | { readonly l: UnfinishedRequest }
  | { readonly a: readonly string[] }

/**
 * The requests that last, on disk, so that whoever starts after this process died can say which were broken. Plain
 * write(2), no fsync: it outlives the process, not the machine. A failing disk never fails a request.
 */
export class Journal implements RequestJournal {
  /** Writes that failed since the start. */
  errorCount = 0
  /** Why the last write failed; '' after one that worked. */
  lastError = ''
  private path: string
  private readonly header: JournalHeader
  private readonly living = new Map<string, UnfinishedRequest>()
  private readonly lost = new Map<string, UnfinishedRequest>()
  private file = -1
  private bytes = 0
  private isBehind = false

  constructor(path: string, header: JournalHeader) {
    this.path = path
    this.header = header
    this.rewrite()
  }

  begin(requests: readonly UnfinishedRequest[]): void {
    let text = ''
    for (const request of requests) {
      this.living.set(request.id, request)
      text += line({ b: request })
    }
    this.append(text)
  }

  update(request: UnfinishedRequest): void {
    this.begin([request])
  }

  end(id: string): void {
    if (this.living.delete(id)) this.append(line({ e: id }))
  }

  /** Keeps a request that was broken while this process lived, until it is acked. */
  addLost(request: UnfinishedRequest): void {
    this.lost.set(request.id, request)
    this.append(line({ l: request }))
  }

  ackLost(ids: readonly string[]): void {
    for (const id of ids) this.lost.delete(id)
    this.append(line({ a: ids }))
  }

  /** Called by the sweep: after a failed write, tries to put the whole truth on disk again. */
  mend(): void {
    if (this.isBehind) this.rewrite()
  }

  /**
   * Goes on in another folder: everything that counts stands in the new file before the old one goes. Killed in between, both
   * have it. @throws the file system's error; the old file is then still the one.
   */
  moveTo(path: string): void {
    if (path === this.path) return
    const before = this.path
    this.replaceFile(path)
    this.path = path
    try {
      unlinkSync(before)
    } catch {
      // A disk that is read-only or gone: what stands there is told twice, under the same epoch and ids.
    }
  }

  private append(text: string): void {
    if (this.isBehind) return
    try {
      const written = writeSync(this.file, text)
      this.bytes += written
      if (written < Buffer.byteLength(text)) throw new Error('a short write: the disk is full')
      if (this.bytes > compactAtBytes && this.bytes > 4 * this.sizeOfLiving()) this.rewrite()
    } catch (error) {
      this.onFault(error)
    }
  }

  private sizeOfLiving(): number {
    return (this.living.size + this.lost.size) * 300
  }

  private rewrite(): void {
    try {
      this.replaceFile(this.path)
    } catch (error) {
      this.onFault(error)
    }
  }

  /** Writes a fresh file with only what still counts, and takes that place with it. */
  private replaceFile(path: string): void {
    const next = `${path}.next`
    let file = -1
    try {
      file = openSync(next, 'w', 0o600)
      let text = line(this.header)
      for (const request of this.living.values()) text += line({ b: request })
      for (const request of this.lost.values()) text += line({ l: request })
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
      renameSync(next, path)
      if (this.file >= 0) closeSync(this.file)
      this.file = file
      this.bytes = bytes.length
      this.isBehind = false
      this.lastError = ''
    } catch (error) {
      if (file >= 0) closeSync(file)
      throw error
    }
  }

  private onFault(error: unknown): void {
    this.isBehind = true
    this.errorCount += 1
    this.lastError = error instanceof Error ? error.message : String(error)
  }

  /** Ends the journal of a process that stops in good order: the file goes unless it still has something to report. */
  close(): void {
    if (this.file < 0) return
    try {
      closeSync(this.file)
      if (this.living.size === 0 && this.lost.size === 0) unlinkSync(this.path)
    } catch (error) {
      this.onFault(error)
    }
    this.file = -1
    this.isBehind = true
  }
}

function line(content: JournalLine | JournalHeader): string {
  return `${JSON.stringify(content)}\n`
}
