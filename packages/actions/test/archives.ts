import { Header } from 'tar'

export interface ArchiveEntry {
  readonly path: string
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'FIFO' | 'CharacterDevice' | 'BlockDevice'
  readonly content?: string
  readonly linkpath?: string
  readonly mode?: number
  /** Size in the header where it lies about the content. */
  readonly size?: number
}

/** A tar archive byte by byte: also what no honest packer writes. */
export function archiveOf(entries: readonly ArchiveEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? '')
    const header = Buffer.alloc(512)
    new Header({
      path: entry.path,
      type: entry.type ?? 'File',
      mode: entry.mode ?? 0o644,
      size: entry.size ?? content.byteLength,
      mtime: new Date(0),
      ...(entry.linkpath === undefined ? {} : { linkpath: entry.linkpath }),
    }).encode(header)
    return [header, content, Buffer.alloc((512 - (content.byteLength % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}
