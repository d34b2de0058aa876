import { createReadStream } from 'node:fs'
import { createZstdDecompress } from 'node:zlib'
import { Header, Pax } from 'tar'
import { ByteSource } from './byte-source.ts'

export interface ArchiveEntry {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link'
  readonly mode: number
  /** Bytes of a file. */
  readonly size: number
  /** What a link points to. */
  readonly target: string
  /** The content of a file; read to its end before the next entry is asked for. */
  readonly chunks: AsyncIterable<Buffer>
}

const blockBytes = 512
/** Names and link targets only. */
const maxPaxBytes = 1 << 20

/**
 * Reads an archive of `ArchiveWriter` entry by entry, in order, with bounded memory.
 * @param onBytes told how many bytes of the compressed file were read so far.
 * @throws the file system's error, and an Error for what is no archive, damaged or cut short.
 */
export async function* readArchive(
  file: string,
  onBytes: (bytes: number) => void = () => undefined,
): AsyncGenerator<ArchiveEntry> {
  const input = createReadStream(file, { highWaterMark: 1 << 20 })
  const decompress = createZstdDecompress()
  input.once('error', (error) => decompress.destroy(error))
  input.pipe(decompress)
  try {
    // A stream of bytes without an encoding yields Buffers only.
    yield* entriesOf(new ByteSource(decompress as AsyncIterable<Buffer>), () => onBytes(input.bytesRead))
  } finally {
    input.destroy()
    decompress.destroy()
  }
}

async function* entriesOf(source: ByteSource, onEntry: () => void): AsyncGenerator<ArchiveEntry> {
  let named: Pax | undefined
  for (;;) {
    const header = new Header(await source.take(blockBytes))
    if (header.nullBlock) return
    if (!header.cksumValid) throw new Error('a header in it is damaged')
    onEntry()
    const size = header.size ?? 0
    const padding = (blockBytes - (size % blockBytes)) % blockBytes
    if (header.type === 'ExtendedHeader') {
      if (size > maxPaxBytes) throw new Error('a header in it is damaged')
      named = Pax.parse((await source.take(size)).toString('utf8'))
    } else {
      yield entryOf(header, named, source)
      named = undefined
    }
    await source.take(padding)
  }
}

function entryOf(header: Header, named: Pax | undefined, source: ByteSource): ArchiveEntry {
  const kinds: Readonly<Record<string, ArchiveEntry['kind']>> = {
    File: 'file',
    OldFile: 'file',
    Directory: 'folder',
    SymbolicLink: 'link',
  }
  const kind = kinds[header.type]
  if (kind === undefined) throw new Error(`it holds a ${header.type}, which no backup does`)
  const size = kind === 'file' ? (header.size ?? 0) : 0
  return {
    path: (named?.path ?? header.path ?? '').replace(/\/$/, ''),
    kind,
    mode: (header.mode ?? 0) & 0o777,
    size,
    target: named?.linkpath ?? header.linkpath ?? '',
    chunks: source.parts(size),
  }
}
