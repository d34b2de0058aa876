import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDump } from '@skykeep/db/dump'
import { layoutOf, type Layout } from '@skykeep/persistent-path/layout'
import { FakeClock } from '@skykeep/testing/fake-clock'
import { beginningMs } from '../ground.ts'

/** No process has it: the greatest that Linux gives is 2^22. */
const deadPid = 4_194_305

/** A folder with a persistent path in it, and what its verbs make beside it; put back as it was before each run. */
export class StatePlace {
  readonly folder: string
  readonly layout: Layout
  readonly config: string
  readonly clock = new FakeClock(beginningMs)
  readonly #template: string

  constructor() {
    const memory = '/dev/shm'
    const outer = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'skykeep-s-'))
    this.folder = join(outer, 'now')
    this.#template = join(outer, 'template')
    mkdirSync(this.folder, { mode: 0o700 })
    this.layout = layoutOf(join(this.folder, 'path'))
    this.config = join(this.folder, 'config.yaml')
  }

  get url(): string {
    return `file:${this.layout.stateDb}`
  }

  /** A path beside it, where things are restored or moved to. */
  get target(): Layout {
    return layoutOf(join(this.folder, 'new'))
  }

  keep(): void {
    cpSync(this.folder, this.#template, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  }

  putBack(): void {
    rmSync(this.folder, { recursive: true, force: true })
    cpSync(this.#template, this.folder, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  }

  /** What the dead process has put its number on says that it is dead: this one, which played it, goes on. */
  bury(): void {
    const own = new RegExp(`(?<=[.-])${process.pid}(?=[.-]|$)`, 'g')
    const walk = (folder: string): void => {
      for (const name of readdirSync(folder)) {
        const renamed = name.replace(own, String(deadPid))
        if (renamed !== name) renameSync(join(folder, name), join(folder, renamed))
        if (lstatSync(join(folder, renamed)).isDirectory()) walk(join(folder, renamed))
      }
    }
    walk(this.folder)
    const { moveFile } = this.layout
    if (!existsSync(moveFile)) return
    const text = readFileSync(moveFile, 'utf8').replace(`"pid":${process.pid}`, `"pid":${deadPid}`)
    writeFileSync(moveFile, text, { mode: 0o600 })
  }

  close(): void {
    rmSync(join(this.folder, '..'), { recursive: true, force: true })
  }
}

export type Rows = Readonly<Record<string, readonly string[]>>

/** Every row, by table. */
export async function rowsOf(layout: Layout): Promise<Rows> {
  const copyTo = join(layout.root, '..', 'look.db')
  const dump = await openDump({ url: `file:${layout.stateDb}`, copyTo })
  const rows: Record<string, string[]> = {}
  for (const table of dump.tables) {
    const lines: string[] = []
    for await (const line of dump.rows(table)) lines.push(line)
    rows[table.name] = lines
  }
  await dump.close()
  return rows
}

/** Tables whose rows differ. */
export function differing(what: string, one: Rows, other: Rows): readonly string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names]
    .filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
    .map((name) => `${what}: rows of ${name} differ`)
}

/** Names, modes and content of what is state or key. */
export function filesOf(layout: Layout, hasKeys = true): string {
  const folders = [
    layout.versionsDir,
    layout.logsDir,
    layout.uploadsDir,
    ...(hasKeys ? [layout.keysDir] : []),
  ]
  const lines = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
      const stats = lstatSync(join(folder, name))
      const text = stats.isFile() ? readFileSync(join(folder, name)).toString('base64') : ''
      return `${name} ${stats.mode.toString(8)} ${text}`
    }),
  )
  return lines.toSorted().join('\n')
}

/** What no verb may leave behind once one came to its end: temporary files and folders. */
export function strays(place: StatePlace): readonly string[] {
  const found: string[] = []
  const look = (folder: string): void => {
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      const path = join(folder, name)
      if (/\.tmp$|verify-/.test(name) || name.includes(String(deadPid)))
        found.push(`left behind: ${path.slice(place.folder.length + 1)}`)
      else if (lstatSync(path).isDirectory()) look(path)
    }
  }
  look(place.folder)
  for (const { tmpDir } of [place.layout, place.target])
    for (const name of existsSync(tmpDir) ? readdirSync(tmpDir) : []) found.push(`left behind: tmp/${name}`)
  return [...new Set(found)]
}
