import { mkdir, open, unlink, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { endMark, readLogFolder, segmentName, segmentSize } from './segments.ts'

export interface LogLimits {
  /** Bytes kept; the oldest segments go first. At least two segments. Default 16 MiB. */
  readonly capBytes?: number
  /** Bytes after which a new segment begins. Default 1 MiB. */
  readonly segmentBytes?: number
}

const mebibyte = 1024 * 1024

/**
 * Appends to a log folder, one writer at a time; goes on where an earlier process stopped. Appends keep their order.
 * A write that the disk refuses throws STORAGE_DEGRADED and is not repeated.
 */
export class LogWriter {
  readonly #folder: string
  readonly #capBytes: number
  readonly #segmentBytes: number
  #file: FileHandle | null = null
  #segmentOffset = 0
  #nextOffset = 0
  #last: Promise<unknown> = Promise.resolve()

  private constructor(folder: string, limits: LogLimits) {
    this.#folder = folder
    this.#segmentBytes = limits.segmentBytes ?? mebibyte
    this.#capBytes = Math.max(limits.capBytes ?? 16 * mebibyte, 2 * this.#segmentBytes)
  }

  /** Opens the log of a folder, which is made when it is missing. Opening takes an `end` mark away. */
  static async open(folder: string, limits: LogLimits = {}): Promise<LogWriter> {
    const writer = new LogWriter(folder, limits)
    await writer.#guarded(async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await unlink(join(folder, endMark)).catch(() => undefined)
      const last = (await readLogFolder(folder))?.segments.at(-1)
      if (last === undefined) return
      writer.#segmentOffset = last.offset
      writer.#nextOffset = last.offset + (await segmentSize(last))
    })
    return writer
  }

  /** Global offset of the next byte. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  append(text: string | Uint8Array): Promise<void> {
    const bytes = Buffer.from(text)
    return this.#inTurn(() => this.#write(bytes))
  }

  /** Marks the log as complete and closes it. */
  end(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#closeFile()
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await writeFile(join(this.#folder, endMark), `${this.#nextOffset}\n`, { mode: 0o600 })
    })
  }

  /** Closes the file; the log stays open for a later writer. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#closeFile())
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      if (this.#nextOffset - this.#segmentOffset >= this.#segmentBytes) await this.#nextSegment()
      this.#file ??= await open(join(this.#folder, segmentName(this.#segmentOffset)), 'a', 0o600)
      const room = this.#segmentBytes - (this.#nextOffset - this.#segmentOffset)
      const { bytesWritten } = await this.#file.write(bytes, done, Math.min(room, bytes.length - done))
      done += bytesWritten
      this.#nextOffset += bytesWritten
    }
  }

  async #nextSegment(): Promise<void> {
    await this.#closeFile()
    this.#segmentOffset = this.#nextOffset
    const kept = this.#capBytes - this.#segmentBytes
    const { segments } = (await readLogFolder(this.#folder)) ?? { segments: [] }
    for (const segment of segments) {
      if (this.#nextOffset - segment.offset > kept) await unlink(segment.path).catch(() => undefined)
    }
  }

  async #closeFile(): Promise<void> {
    await this.#file?.close()
    this.#file = null
  }

  #inTurn(effect: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(() => this.#guarded(effect))
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #guarded(effect: () => Promise<void>): Promise<void> {
    try {
      await effect()
    } catch (error) {
      throw new SkykeepError('STORAGE_DEGRADED', `cannot write the log in ${this.#folder}`, {
        cause: error,
        userMessage: 'A log cannot be written: the disk is full, read-only or broken.',
        hint: 'Free space under the persistent path, then look at `skykeep state doctor`.',
      })
    }
  }
}
