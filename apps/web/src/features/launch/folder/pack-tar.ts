/** One file of a working folder, its path relative to the folder. */
export interface PackedFile {
  readonly path: string
  readonly content: Blob
  /** Browsers do not tell: true for what begins with `#!`. */
  readonly isProgram: boolean
}

const blockBytes = 512
const encoder = new TextEncoder()

/**
 * A tar archive (POSIX ustar with pax paths) of the files, in their order. The content is read only when it is sent, so that a large
 * folder does not have to fit into memory. Source: POSIX.1-2024, `pax`, "ustar Interchange Format".
 */
export function packTar(files: readonly PackedFile[]): Blob {
  const parts = files.flatMap(({ path, content, isProgram }) => [
    ...(isPlainName(path) ? [] : paxHeader(path)),
    header({ name: path, bytes: content.size, mode: isProgram ? 0o755 : 0o644, type: '0' }),
    content,
    padding(content.size),
  ])
  return new Blob([...parts, new Uint8Array(2 * blockBytes)], { type: 'application/x-tar' })
}

function isPlainName(path: string): boolean {
  return path.length <= 100 && /^[ -~]*$/.test(path)
}

/** `LENGTH path=NAME\n`, where LENGTH counts itself. */
function paxHeader(path: string): readonly Uint8Array<ArrayBuffer>[] {
  const rest = encoder.encode(` path=${path}\n`).length
  let length = rest + String(rest).length
  if (String(length).length + rest !== length) length = rest + String(length).length
  const content = encoder.encode(`${length} path=${path}\n`)
  return [
    header({ name: 'PaxHeader', bytes: content.length, mode: 0o644, type: 'x' }),
    content,
    padding(content.length),
  ]
}

interface Entry {
  readonly name: string
  readonly bytes: number
  readonly mode: number
  readonly type: '0' | 'x'
}

function header({ name, bytes, mode, type }: Entry): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(blockBytes)
  const put = (text: string, at: number, most: number): void =>
    block.set(encoder.encode(text).subarray(0, most), at)
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`
  put(name, 0, 100)
  put(octal(mode, 7), 100, 8)
  put(octal(0, 7), 108, 8)
  put(octal(0, 7), 116, 8)
  put(octal(bytes, 11), 124, 12)
  put(octal(0, 11), 136, 12)
  put(' '.repeat(8), 148, 8)
  put(type, 156, 1)
  put('ustar\x0000', 257, 8)
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8)
  return block
}

function padding(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((blockBytes - (bytes % blockBytes)) % blockBytes)
}
