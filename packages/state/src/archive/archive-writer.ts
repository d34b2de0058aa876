import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { constants, createZstdCompress, type ZstdCompress } from 'node:zlib'
import { finished } from 'node:stream/promises'
import { Header, type HeaderData, Pax } from 'tar'

const blockBytes = 512

/**
 * Writes a tar archive (POSIX pax, compressed with Zstandard) piece by piece: what is in it is never whole in memory. The file must not exist;
 * it is on disk (fsync) when `end` returns. Throws the file system's error.
 */
export class ArchiveWriter {
  readonly #compress: ZstdCompress
  readonly #output: WriteStream
  readonly #written: Promise<void>
  #fault: unknown

  constructor(file: string) {
    this.#output = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true })
    this.#compress = createZstdCompress({
      // The checksum finds a changed byte also where no digest lies over it, such as in a header's padding.
      params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
    })
    this.#written = finished(this.#compress.pipe(this.#output))
    const note = (error: unknown): void => void (this.#fault ??= error)
    this.#output.once('error', (error) => {
      note(error)
      this.#compress.destroy(error)
    })
    this.#compress.once('error', note)
    this.#written.catch(note)
  }

  async file(path: string, mode: number, body: Uint8Array): Promise<void> {
    await this.begin({ path, mode, size: body.byteLength, type: 'File' })
    await this.push(body)
    await this.pad(body.byteLength)
  }

  async folder(path: string, mode: number): Promise<void> {
    await this.begin({ path: `${path}/`, mode, size: 0, type: 'Directory' })
  }

  async link(path: string, target: string): Promise<void> {
    await this.begin({ path, linkpath: target, mode: 0o777, size: 0, type: 'SymbolicLink' })
  }

  /** The first part of an entry: exactly `size` bytes must be pushed after it, then `pad`. */
  async begin(entry: HeaderData & { readonly size: number }): Promise<void> {
    const header = new Header({ ...entry, mtime: new Date(0) })
    // Names that fit no plain header go before it, in one of their own (POSIX.1-2001 pax).
    if (header.encode()) await this.push(new Pax({ path: entry.path ?? '', ...linkOf(entry) }).encode())
    if (header.block !== undefined) await this.push(header.block)
  }

  async push(chunk: Uint8Array): Promise<void> {
    if (this.#fault !== undefined) throw this.#fault
    if (chunk.byteLength === 0 || this.#compress.write(chunk)) return
    await Promise.race([once(this.#compress, 'drain'), this.#written])
    if (this.#fault !== undefined) throw this.#fault
  }

  async pad(size: number): Promise<void> {
    const rest = size % blockBytes
    if (rest > 0) await this.push(Buffer.alloc(blockBytes - rest))
  }

  async end(): Promise<void> {
    await this.push(Buffer.alloc(2 * blockBytes))
    this.#compress.end()
    await this.#written
  }

  /** Gives up: closes the file, whatever is in it. */
  async abandon(): Promise<void> {
    this.#compress.destroy()
    this.#output.destroy()
    await this.#written.catch(() => undefined)
  }
}

function linkOf({ linkpath }: HeaderData): Pick<HeaderData, 'linkpath'> {
  return linkpath === undefined ? {} : { linkpath }
}
