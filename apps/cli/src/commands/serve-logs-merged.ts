import type { LogLinesView, LogLineView } from '@skykeep/core/log-views'
import { serviceGoesOn } from '../client/goes-on.ts'
import type { Session } from '../client/session.ts'
import { follow } from '../client/stream.ts'
import type { Colour } from '../output/paint.ts'
import { exitCodes } from './failure.ts'
import type { LogsWish } from './logs-wish.ts'

const defaultTailLines = 1000
const colours: readonly Colour[] = ['green', 'yellow', 'blue', 'red', 'bold']

/** Several replicas' logs in the order of their times. Returns the exit code. */
export async function showMerged(session: Session, wish: LogsWish): Promise<number> {
  const { api, terminal } = session
  const { json } = wish.options
  const write = writerOf(session, wish)
  const all: LogLineView[] = []
  let cursor: string | undefined
  do {
    const page: LogLinesView = await api.logs.lines.query({
      ...rangeOf(wish),
      ...(cursor === undefined ? {} : { cursor }),
    })
    sayUntimed(session, wish, page)
    if (json === true) all.push(...page.lines)
    else for (const line of page.lines) write(line)
    cursor = page.lines.length === 0 || tailOf(wish) !== undefined ? undefined : page.cursor
  } while (cursor !== undefined)
  if (json === true) terminal.json(all)
  return exitCodes.ok
}

/** The same, and then what comes. Ends when every log that was named has, else with Ctrl-C. Returns the exit code. */
export async function followMerged(session: Session, wish: LogsWish): Promise<number> {
  const { untilMs: _untilMs, ...range } = rangeOf(wish)
  const write = writerOf(session, wish)
  return await follow<LogLinesView>(session, {
    open: (from, handlers) => session.api.logs.followLines.subscribe({ ...range, ...from }, handlers),
    onData: (page) => {
      sayUntimed(session, wish, page)
      for (const line of page.lines) write(line)
      return false
    },
    goesOn: serviceGoesOn(wish.name),
  })
}

function rangeOf(wish: LogsWish) {
  const { name, replicaIds, sinceMs, untilMs } = wish
  const tailLines = tailOf(wish)
  return {
    service: name,
    ...(replicaIds.length === 0 ? {} : { replicaIds: [...replicaIds] }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(tailLines === undefined ? {} : { tailLines }),
  }
}

/** Where no time is asked for either, not everything that was ever written. */
function tailOf({ sinceMs, untilMs, options }: LogsWish): number | undefined {
  const isBounded = sinceMs !== undefined || untilMs !== undefined
  return options.tailLines ?? (isBounded ? undefined : defaultTailLines)
}

/** A prefix says whose line it is, in a colour of its own, where there are several. */
function writerOf(
  { terminal }: Session,
  { name, replicaIds, options }: LogsWish,
): (line: LogLineView) => void {
  if (options.json === true && options.follow === true) return (line) => terminal.print(JSON.stringify(line))
  if (replicaIds.length === 1) return ({ text }) => terminal.print(text)
  return ({ replicaId, text }) => {
    const colour = colours[replicaId % colours.length] ?? 'dim'
    terminal.print(`${terminal.paint(colour, `${name}-${replicaId} | `)}${text}`)
  }
}

function sayUntimed({ terminal }: Session, { name }: LogsWish, { untimed }: LogLinesView): void {
  if (untimed.length === 0) return
  const which = `replica ${untimed.join(', ')}`
  terminal.note(
    `${which}: its log does not tell when its lines came, so it is left out; see all of it with \`npx skykeep serve logs ${name} ${untimed[0]}\``,
  )
}
