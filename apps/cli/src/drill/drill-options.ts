import { InvalidArgumentError } from 'commander'
import { drillTargets, type DrillTarget } from '@skykeep/core/nouns'

/** What a person asked for, with its defaults. */
export interface DrillOptions {
  readonly kill: DrillTarget
  /** Rounds, 1 to 20. */
  readonly repeat: number
  /** Requests a second, 1 to 1000. */
  readonly rate: number
  /** Load before each death and after each recovery, seconds, 1 to 300. */
  readonly seconds: number
  /** How long a recovery may take, seconds, 1 to 3600. */
  readonly wait: number
  /** What the clients GET; absent: the path of the readiness probe. */
  readonly path?: string
  /** A path that answers with a long stream, which one client keeps open. */
  readonly stream?: string
  readonly yes?: boolean
  readonly json?: boolean
  /** Uid of a drill that is recorded already: the dashboard wrote it. */
  readonly record?: string
}

/** The target of `--kill`; refuses any other text with those that there are. */
export function parseTarget(text: string): DrillTarget {
  const target = drillTargets.find((known) => known === text)
  if (target !== undefined) return target
  throw new InvalidArgumentError(`Choose one of ${drillTargets.join(', ')}.`)
}

/** A path on the service, such as `/health?full=1`. */
export function parsePath(text: string): string {
  if (/^\/[\u0021-\u007e]*$/.test(text)) return text
  throw new InvalidArgumentError('Give a path that begins with /, such as /health.')
}
