import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'

/** How far the log of a process was read. */
export interface ProcessLogPlace {
  /** Tells the file's content now from that after a rotation: a digest of its first line; empty before there is one. */
  readonly mark: string
  /** Bytes. */
  readonly offset: number
}

export const startOfLog: ProcessLogPlace = { mark: '', offset: 0 }

const chunkBytes = 256 * 1024
const markBytes = 4096

/**
 * Reads the log of one of our own processes on and on, over its rotation: what is in it is copied to `<log>.1`, then it is cut to nothing
 * (`boundProcessLog` of the supervisor). A line is given once, whole, and only once it has its end.
 */
export class ProcessLogFile {
  readonly #file: string
  #place: ProcessLogPlace | null

  /** @param place where to go on; null: at the beginning of what there is. */
  constructor(file: string, place: ProcessLogPlace | null) {
    this.#file = file
    this.#place = place
  }

  get place(): ProcessLogPlace {
    return this.#place ?? startOfLog
  }

  /** What came since the last time; nothing where the file is not there. */
  async *news(): AsyncGenerator<string> {
    if (this.#place === null) {
      // Noted first: should it be rotated while the older part is read, that is seen below.
      this.#place = { mark: await this.#markNow(), offset: 0 }
      yield* this.#linesOf(`${this.#file}.1`, 0)
    }
    const before = this.#place
    if (await this.#isRotated(before)) {
      const isOurs = (await markOf(`${this.#file}.1`)) === before.mark
      yield* this.#linesOf(`${this.#file}.1`, isOurs ? before.offset : 0)
      this.#place = { mark: await this.#markNow(), offset: 0 }
    }
    const { offset } = this.#place
    for await (const { text, nextOffset } of linesFrom(this.#file, offset)) {
      this.#place = { ...this.#place, offset: nextOffset }
      yield text
    }
    if (this.#place.mark === '' && this.#place.offset > 0)
      this.#place = { ...this.#place, mark: await this.#markNow() }
  }

  async #isRotated({ mark, offset }: ProcessLogPlace): Promise<boolean> {
    if (mark === '') return false
    return (await sizeOf(this.#file)) < offset || (await this.#markNow()) !== mark
  }

  #markNow(): Promise<string> {
    return markOf(this.#file)
  }

  async *#linesOf(file: string, offset: number): AsyncGenerator<string> {
    for await (const { text } of linesFrom(file, offset)) yield text
  }
}

interface Line {
  readonly text: string
  readonly nextOffset: number
}

async function* linesFrom(file: string, offset: number): AsyncGenerator<Line> {
  const handle = await openUnlessGone(file)
  if (handle === null) return
  try {
    let rest: Buffer = Buffer.alloc(0)
    for (let at = offset; ;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(chunkBytes), 0, chunkBytes, at)
      if (bytesRead === 0) return
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
      let lineAt = at - rest.length
      let from = 0
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        lineAt += end + 1 - from
        yield { text: bytes.toString('utf8', from, end), nextOffset: lineAt }
        from = end + 1
      }
      rest = bytes.subarray(from)
      at += bytesRead
    }
  } finally {
    await handle.close()
  }
}

async function markOf(file: string): Promise<string> {
  const handle = await openUnlessGone(file)
  if (handle === null) return ''
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(markBytes), 0, markBytes, 0)
    const head = buffer.subarray(0, bytesRead)
    const end = head.indexOf(10)
    if (end < 0 && bytesRead < markBytes) return ''
    return createHash('sha256')
      .update(end < 0 ? head : head.subarray(0, end))
      .digest('hex')
      .slice(0, 16)
  } finally {
    await handle.close()
  }
}

async function sizeOf(file: string): Promise<number> {
  const handle = await openUnlessGone(file)
  if (handle === null) return 0
  try {
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

async function openUnlessGone(file: string): Promise<FileHandle | null> {
  try {
    return await open(file)
  } catch {
    // Not written yet, or being moved just now: the next look finds it.
    return null
  }
}
