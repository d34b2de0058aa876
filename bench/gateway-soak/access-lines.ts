import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { AccessEntry } from '@skykeep/gateway/access-log'

const readBytes = 1 << 20

/** Where a file was read up to. */
interface Place {
  readonly inode: number
  at: number
  rest: string
}

/** The access logs of all gateway processes, read as they grow. */
export class AccessLines {
  /** Those that did not end well, by path. */
  readonly byPath = new Map<string, AccessEntry>()
  readonly countByReason = new Map<string, number>()
  private readonly folder: string
  private readonly places = new Map<string, Place>()

  constructor(folder: string) {
    this.folder = folder
  }

  /** Reads what is new. To be called often enough that no file is turned over twice in between. */
  read(): void {
    for (const name of this.names()) this.readFile(name)
  }

  private names(): readonly string[] {
    try {
      return readdirSync(this.folder).filter((name) => name.endsWith('.jsonl'))
    } catch {
      return []
    }
  }

  private readFile(name: string): void {
    const path = join(this.folder, name)
    const file = open(path)
    if (file < 0) return
    const known = this.places.get(name)
    const { ino } = fstatSync(file)
    if (known !== undefined && known.inode !== ino) {
      const older = open(`${path}.1`)
      if (older >= 0 && fstatSync(older).ino === known.inode) this.readOn(older, known)
      if (older >= 0) closeSync(older)
    }
    const place = known?.inode === ino ? known : { inode: ino, at: 0, rest: '' }
    this.places.set(name, place)
    this.readOn(file, place)
    closeSync(file)
  }

  private readOn(file: number, place: Place): void {
    const buffer = Buffer.allocUnsafe(readBytes)
    for (;;) {
      const length = readSync(file, buffer, 0, readBytes, place.at)
      if (length === 0) return
      place.at += length
      const lines = (place.rest + buffer.toString('latin1', 0, length)).split('\n')
      place.rest = lines.pop() ?? ''
      for (const line of lines) this.take(line)
    }
  }

  private take(line: string): void {
    if (line === '') return
    let entry: AccessEntry
    try {
      entry = JSON.parse(line) as AccessEntry // the gateway's own line
    } catch {
      // A process that is killed may tear its last one.
      return
    }
    this.countByReason.set(entry.reason, (this.countByReason.get(entry.reason) ?? 0) + 1)
    if (entry.reason !== '') this.byPath.set(entry.path, entry)
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r')
  } catch {
    return -1
  }
}
