import { Changes } from '../client/changes.ts'
import { goesOnText, type GoesOn } from '../client/goes-on.ts'
import { Outage } from '../client/outage.ts'
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
  /** What is said of it when a person stops watching; absent: what runs goes on. */
  readonly goesOn?: GoesOn
  /** The exit code, where there is nothing more to watch. */
  readonly ended?: number
}

/**
 * Shows what a verb found: once, or with `--watch` again with every change until Ctrl-C, in place on a terminal. Where the control plane does
 * not answer meanwhile it says so and waits for it. Returns the exit code.
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
  const outage = new Outage(session, (line) => output.say(line))
  const interrupted = new Promise<'interrupted'>((resolve) => {
    process.once('SIGINT', () => resolve('interrupted'))
  })
  try {
    for (let found = first; ;) {
      output.draw(found)
      if (found.ended !== undefined) return found.ended
      const next = await Promise.race([changes.next().then(() => outage.answerOf(look)), interrupted])
      if (next === 'interrupted') {
        output.end()
        session.terminal.note(`stopped watching: ${goesOnText(found.goesOn ?? whatRuns)}`)
        // At once: a control plane that is away is not waited for.
        process.exit(exitCodes.interrupted)
      }
      found = next
    }
  } finally {
    changes.close()
    output.end()
  }
}

const whatRuns: GoesOn = { what: 'what runs goes on', look: 'skykeep status' }

interface Output {
  readonly draw: (found: Found) => void
  /** That the control plane does not answer, or does so again. */
  readonly say: (line: string) => void
  readonly end: () => void
}

function outputOf(session: Session, { json }: Watch): Output {
  const { env, terminal } = session
  if (json !== true && env.isTerminal) return onScreen(session)
  let last = ''
  return {
    draw: (found) => {
      const text = json === true ? JSON.stringify(found.json) : collectingTerminal(env, found.show).join('\n')
      if (text === last) return
      // An empty line parts one picture from the next.
      terminal.print(json === true || last === '' ? text : `\n${text}`)
      last = text
    },
    say: (line) => terminal.note(line),
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
    say: (line) => screen.draw(lines, foot(terminal.paint('red', `${clockTime(Date.now())}  ${line}`))),
    end: () => screen.end(),
  }
}
