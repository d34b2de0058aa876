import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface Change {
  /** `X.Y.Z` that the programs say of themselves. */
  readonly version: string
  /** Name of one more migration, `YYYYMMDDhhmmss_what`. */
  readonly migration: string
  /** Oldest program that works with its result. */
  readonly oldestProgram: string
}

/** A build as a later commit makes it: in a folder of its own, of another version, with one more migration. */
export class AnotherBuild {
  readonly folder: string
  readonly #parent = mkdtempSync(path.join(tmpdir(), 'sk-build-'))

  constructor(build: string, change: Change) {
    this.folder = path.join(this.#parent, change.version)
    cpSync(build, this.folder, { recursive: true, verbatimSymlinks: true })
    this.#setVersion(change.version)
    for (const kind of ['sqlite', 'postgresql']) this.#addMigration(kind, change)
  }

  end(): void {
    rmSync(this.#parent, { recursive: true, force: true })
  }

  #setVersion(version: string): void {
    const files = globSync(['*.mjs', 'web/apps/web/.next/server/**/*.js'], { cwd: this.folder })
    const changed = files.filter((name) => {
      const file = path.join(this.folder, name)
      const text = readFileSync(file, 'utf8')
      const next = text
        .replaceAll(/(programVersion\d* = )"\d+\.\d+\.\d+"/g, `$1"${version}"`)
        .replaceAll(/(name:"@skykeep\/web",version:)"\d+\.\d+\.\d+"/g, `$1"${version}"`)
      if (next !== text) writeFileSync(file, next)
      return next !== text
    })
    const programs = ['cli.mjs', 'worker.mjs', 'state-child.mjs']
    const isWhole = programs.every((name) => changed.includes(name)) && changed.length > programs.length
    if (!isWhole) throw new Error(`the version stands in ${changed.join(', ')} only`)
  }

  #addMigration(kind: string, { migration, oldestProgram }: Change): void {
    const folder = path.join(this.folder, 'migrations', kind, migration)
    mkdirSync(folder)
    const table = migration.replace(/^\d+_/, '')
    writeFileSync(
      path.join(folder, 'migration.sql'),
      `CREATE TABLE "${table}" ("id" TEXT NOT NULL PRIMARY KEY);\n`,
    )
    writeFileSync(path.join(folder, 'oldest-program.txt'), `${oldestProgram}\n`)
  }
}
