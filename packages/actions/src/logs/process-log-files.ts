import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ProcessLogFile, type ProcessLogPlace } from './process-log-file.ts'
import type { ReadProcessLinesInput } from './schemas.ts'

const filesOf: Readonly<Record<ReadProcessLinesInput['part'], RegExp>> = {
  controller: /^worker\.log(?:\.1)?$/,
  'load-balancer': /^gateway[\w-]*\.log(?:\.1)?$/,
}

/** A line of a process's log. */
export interface ProcessText {
  readonly process: string
  readonly text: string
}

/** What the processes of one part write; those that are started later join in. */
export class ProcessLogFiles {
  readonly #folder: string
  readonly #part: ReadProcessLinesInput['part']
  readonly #files = new Map<string, ProcessLogFile>()

  constructor(folder: string, part: ReadProcessLinesInput['part'], cursor = '') {
    this.#folder = folder
    this.#part = part
    for (const [process, place] of parse(cursor)) this.#add(process, place)
  }

  /** Where to go on after the lines that were given. */
  get cursor(): string {
    return [...this.#files]
      .map(([process, { place }]) => `${process}:${place.mark}:${place.offset}`)
      .join(',')
  }

  /** What came since the last time, process by process. */
  async *news(): AsyncGenerator<ProcessText> {
    const names = await readdir(this.#folder).catch(() => [])
    for (const name of names.filter((file) => filesOf[this.#part].test(file)))
      this.#add(name.replace(/\.log(?:\.1)?$/, ''), null)
    for (const [process, file] of this.#files) for await (const text of file.news()) yield { process, text }
  }

  #add(process: string, place: ProcessLogPlace | null): void {
    if (this.#files.has(process)) return
    this.#files.set(process, new ProcessLogFile(join(this.#folder, `${process}.log`), place))
  }
}

function parse(cursor: string): readonly (readonly [string, ProcessLogPlace])[] {
  return cursor
    .split(',')
    .filter(Boolean)
    .map((part) => {
      const [process = '', mark = '', offset = ''] = part.split(':')
      return [process, { mark, offset: Number(offset) }]
    })
}
