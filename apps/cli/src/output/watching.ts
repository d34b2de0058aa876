import { isSkykeepError } from '@skykeep/core/errors'
import { errorOf } from '../client/api.ts'
import { Changes } from '../client/changes.ts'
import type { Session } from '../client/session.ts'
import { exitCodes } from '../commands/failure.ts'
import type { Watch } from '../program/group.ts'
import { clockTime } from './age.ts'
import { Screen } from './screen.ts'
import { collectingTerminal, type Terminal } from './terminal.ts'

/** What a verb that reads found: as JSON, and as a person sees it. */
export interface Found {
  readonly json: unknown
  readonly show: (terminal: Terminal) => void
  /** The exit code, where there is nothing more to watch. */
  readonly ended?: number
}

/**
 * Shows what a verb found: once, or with `--watch` again with every change until Ctrl-C, in place on a terminal. Where the control plane does
 * not answer meanwhile it says so and goes on trying. Returns the exit code.
 */
export async function showFound(
  session: Session,
  options: Watch,
  look: () => Promise<Found>,
): Promise<number> {
  const { terminal } = session
  const first = await look()
  if (options.watch === true) return await watch(session, options, { first, look })
  if (options.json === true) terminal.json(first.json)
  else first.show(terminal)
  return exitCodes.ok
}

interface Watched {
  readonly first: Found
  readonly look: () => Promise<Found>
}

async function watch(session: Session, options: Watch, { first, look }: Watched): Promise<number> {
  const output = outputOf(session, options)
  const changes = new Changes(session)
  const interrupted = new Promise<'interrupted'>((resolve) => {
    process.once('SIGINT', () => resolve('interrupted'))
  })
  try {
    let found: Found | undefined = first
    for (;;) {
      if (found === undefined) output.miss()
      else output.draw(found)
      if (found?.ended !== undefined) return found.ended
      if ((await Promise.race([changes.next(), interrupted])) === 'interrupted') return exitCodes.interrupted
      found = await unlessUnavailable(look)
    }
  } finally {
    changes.close()
    output.end()
  }
}

async function unlessUnavailable(look: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await look()
  } catch (error) {
    const known = errorOf(error)
    if (isSkykeepError(known, 'UNAVAILABLE') || isSkykeepError(known, 'STANDING_BY')) return undefined
    throw known
  }
}

interface Output {
  readonly draw: (found: Found) => void
  /** The control plane did not answer. */
  readonly miss: () => void
  readonly end: () => void
}

const lost = 'no answer from the control plane; trying again'

function outputOf(session: Session, { json }: Watch): Output {
  const { env, terminal } = session
  if (json !== true && env.isTerminal) return onScreen(session)
  let last = ''
  let isMissed = false
  return {
    draw: (found) => {
      isMissed = false
      const text = json === true ? JSON.stringify(found.json) : collectingTerminal(env, found.show).join('\n')
      if (text === last) return
      // An empty line parts one picture from the next.
      terminal.print(json === true || last === '' ? text : `\n${text}`)
      last = text
    },
    miss: () => {
      if (!isMissed) terminal.note(lost)
      isMissed = true
    },
    end: () => undefined,
  }
}

function onScreen({ env, terminal }: Session): Output {
  const screen = new Screen(env)
  let lines: readonly string[] = []
  const foot = (text: string): readonly string[] => ['', text]
  return {
    draw: (found) => {
      lines = collectingTerminal(env, found.show)
      const text = found.ended === undefined ? `${clockTime(Date.now())}  Ctrl-C ends the watching` : ''
      screen.draw(lines, foot(terminal.paint('dim', text)))
    },
    miss: () => screen.draw(lines, foot(terminal.paint('red', `${clockTime(Date.now())}  ${lost}`))),
    end: () => screen.end(),
  }
}
