import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { SkykeepError } from '@skykeep/core/errors'

interface Level {
  /** The folder that the patterns are relative to. */
  readonly base: string
  readonly patterns: Ignore
}

/**
 * What of a working folder stays behind, as in SkyPilot: the folder's own `.skyignore` alone where it has one, else what git would ignore
 * (`.gitignore` of the folder, of the folders in it, and of those above it up to the repository). Patterns are those of gitignore(5).
 */
export class IgnoreRules {
  readonly source: '.skyignore' | '.gitignore'
  readonly #levels: readonly Level[]

  private constructor(source: IgnoreRules['source'], levels: readonly Level[]) {
    this.source = source
    this.#levels = levels
  }

  /** The rules at the top of a working folder (absolute). Throws INVALID_INPUT where a rules file cannot be read. */
  static of(folder: string): IgnoreRules {
    const own = readLevel(folder, '.skyignore')
    if (own !== undefined) return new IgnoreRules('.skyignore', [own])
    const above = levelsAbove(folder)
    const rules = new IgnoreRules('.gitignore', above)
    // A folder that git ignores as a whole was still named on purpose.
    return (rules.isLeftOut(folder, true) ? new IgnoreRules('.gitignore', []) : rules).enter(folder)
  }

  /** The rules inside a folder: with its own `.gitignore`. */
  enter(folder: string): IgnoreRules {
    const own = this.source === '.gitignore' ? readLevel(folder, '.gitignore') : undefined
    return own === undefined ? this : new IgnoreRules(this.source, [...this.#levels, own])
  }

  /** The deepest rules file that says anything decides, as in git. */
  isLeftOut(file: string, isFolder: boolean): boolean {
    for (const { base, patterns } of this.#levels.toReversed()) {
      const { ignored, unignored } = patterns.test(`${path.relative(base, file)}${isFolder ? '/' : ''}`)
      if (ignored || unignored) return ignored
    }
    return false
  }
}

function readLevel(base: string, name: string): Level | undefined {
  const file = path.join(base, name)
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return undefined
  try {
    return { base, patterns: ignore({ ignorecase: false }).add(readFileSync(file, 'utf8')) }
  } catch (cause) {
    throw new SkykeepError('INVALID_INPUT', `${file} cannot be read`, {
      hint: 'It says what of the working folder stays behind: make it readable, or remove it.',
      cause,
    })
  }
}

/** `.gitignore` of the folders above, from the repository's root down; none outside a repository. */
function levelsAbove(folder: string): readonly Level[] {
  const above: string[] = []
  for (let at = folder; !existsSync(path.join(at, '.git')); at = path.dirname(at)) {
    if (path.dirname(at) === at) return []
    above.unshift(path.dirname(at))
  }
  return above.flatMap((at) => readLevel(at, '.gitignore') ?? [])
}
