import { type Dirent, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { type UploadLimits, uploadLimits } from '@skykeep/core/upload-limits'
import { size } from '../output/size.ts'
import type { IgnoreRules } from './ignore-rules.ts'

/** What of a working folder is sent. */
export interface WorkdirFiles {
  /** Relative, each begins with `./`; the folder itself first. */
  readonly paths: readonly string[]
  readonly fileCount: number
  readonly bytes: number
  /** What the rules left out, relative; of a folder that stays behind only its own name. */
  readonly leftOut: readonly string[]
  /** Targets of links that are sent otherwise than they stand: absolute ones that stay inside. */
  readonly linkTargets: ReadonlyMap<string, string>
}

interface Walk {
  /** Absolute, links resolved. */
  readonly folder: string
  readonly rules: IgnoreRules
  /** The persistent path: its keys and its uploads are never sent. */
  readonly keptOut: string
  readonly limits?: UploadLimits
}

const way = 'Leave it out with a line in .skyignore'

/**
 * Looks through a working folder before anything of it is sent. Throws INVALID_INPUT that names what is in the way: a link that leads out,
 * what cannot be read, more than the server takes.
 */
export function workdirFiles(walk: Walk): WorkdirFiles {
  return new Listing(walk).list()
}

class Listing {
  readonly #walk: Walk
  readonly #limits: UploadLimits
  readonly #paths = ['./']
  readonly #leftOut: string[] = []
  readonly #linkTargets = new Map<string, string>()
  /** Files and bytes by name at the top, to say where the weight is. */
  readonly #weights = new Map<string, { files: number; bytes: number }>()
  #fileCount = 0
  #bytes = 0

  constructor(walk: Walk) {
    this.#walk = walk
    this.#limits = walk.limits ?? uploadLimits
  }

  list(): WorkdirFiles {
    this.#enter(this.#walk.folder, this.#walk.rules)
    const { unpackedBytesMax } = this.#limits
    if (this.#bytes > unpackedBytesMax)
      throw this.#tooLarge(`${size(this.#bytes)}, and at most ${size(unpackedBytesMax)}`)
    return {
      paths: this.#paths,
      fileCount: this.#fileCount,
      bytes: this.#bytes,
      leftOut: this.#leftOut,
      linkTargets: this.#linkTargets,
    }
  }

  #enter(folder: string, rules: IgnoreRules): void {
    for (const entry of readFolder(folder)) {
      const file = path.join(folder, entry.name)
      const name = path.relative(this.#walk.folder, file)
      if (entry.name === '.git' || file === this.#walk.keptOut) continue
      if (rules.isLeftOut(file, entry.isDirectory()) || isSpecial(entry)) {
        this.#leftOut.push(entry.isDirectory() ? `${name}/` : name)
        continue
      }
      this.#add(name, entry)
      if (entry.isDirectory()) this.#enter(file, rules.enter(file))
    }
  }

  #add(name: string, entry: Dirent): void {
    const file = path.join(this.#walk.folder, name)
    this.#paths.push(`./${name}`)
    const [top = name] = name.split(path.sep)
    const weight = this.#weights.get(top) ?? { files: 0, bytes: 0 }
    this.#weights.set(top, weight)
    weight.files += 1
    if (entry.isSymbolicLink()) this.#addLink(name, file)
    if (entry.isFile()) {
      const bytes = lstatSync(file, { throwIfNoEntry: false })?.size ?? 0
      this.#fileCount += 1
      this.#bytes += bytes
      weight.bytes += bytes
    }
    const { entriesMax } = this.#limits
    if (this.#paths.length > entriesMax)
      throw this.#tooLarge(`more than ${entriesMax.toLocaleString('en')} files and folders, and no more`)
  }

  #addLink(name: string, file: string): void {
    const target = readlinkSync(file)
    if (staysInside(path.dirname(name), target)) return
    const real = realTarget(file)
    const inside = real === undefined ? undefined : path.relative(this.#walk.folder, real)
    if (real === undefined || inside === undefined || isOutside(inside)) {
      throw new SkykeepError(
        'INVALID_INPUT',
        `workdir: ${name} is a link that leads out of the folder: ${target}`,
        {
          hint: `It would lead nowhere on another machine. Put a copy of the file in its place, or leave it out: \`/${name}\` as a line of ${path.join(this.#walk.folder, '.skyignore')}.`,
        },
      )
    }
    this.#linkTargets.set(`./${name}`, path.relative(path.dirname(file), real))
  }

  #tooLarge(what: string): SkykeepError {
    const heaviest = [...this.#weights]
      .toSorted(([, a], [, b]) => b.bytes - a.bytes || b.files - a.files)
      .slice(0, 3)
      .map(([name, { files, bytes }]) => `${name} (${files.toLocaleString('en')} entries, ${size(bytes)})`)
    return new SkykeepError('INVALID_INPUT', `workdir: ${this.#walk.folder} holds ${what} can be sent`, {
      hint: `Most of it: ${heaviest.join(', ')}. ${way} in that folder, or name a smaller \`workdir\`.`,
    })
  }
}

function readFolder(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    throw new SkykeepError('INVALID_INPUT', `workdir: ${folder} cannot be read (${code})`, {
      hint: `Make it readable for you. ${way}, if the service does not need it.`,
      cause,
    })
  }
}

/** Sockets, pipes and devices mean nothing on another machine. */
function isSpecial(entry: Dirent): boolean {
  return !entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink()
}

/** As the server judges it: relative, and `..` only at the start and never above the folder. */
function staysInside(from: string, target: string): boolean {
  if (path.isAbsolute(target)) return false
  const segments = target.split('/').filter((segment) => segment !== '' && segment !== '.')
  const ups = segments.findIndex((segment) => segment !== '..')
  const upCount = ups < 0 ? segments.length : ups
  const depth = from === '.' ? 0 : from.split('/').length
  return !segments.slice(upCount).includes('..') && upCount <= depth
}

function realTarget(link: string): string | undefined {
  try {
    return realpathSync(link)
  } catch {
    return undefined
  }
}

function isOutside(relative: string): boolean {
  return relative === '..' || relative.startsWith('../') || path.isAbsolute(relative)
}
