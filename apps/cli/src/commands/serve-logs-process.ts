import type { ProcessLinesView } from '@skykeep/core/log-views'
import type { ProcessLineView } from '@skykeep/core/views'
import { serviceGoesOn } from '../client/goes-on.ts'
import type { Session } from '../client/session.ts'
import { follow } from '../client/stream.ts'
import { clockTime } from '../output/age.ts'
import type { Terminal } from '../output/terminal.ts'
import type { Json } from '../program/group.ts'
import { exitCodes } from './failure.ts'
import type { LogsWish } from './logs-wish.ts'

const defaultTailLines = 200

type Part = 'controller' | 'load-balancer'

interface Range {
  readonly service: string
  readonly part: Part
  readonly tailLines: number
  readonly sinceMs?: number
}

/** What the worker (`--controller`) or the gateway (`--load-balancer`) wrote about a service. Returns the exit code. */
export async function showProcessLines(session: Session, wish: LogsWish): Promise<number> {
  const { name, sinceMs, untilMs, options } = wish
  const part: Part = options.controller === true ? 'controller' : 'load-balancer'
  const range = {
    service: name,
    part,
    tailLines: options.tailLines ?? defaultTailLines,
    ...(sinceMs === undefined ? {} : { sinceMs }),
  }
  if (options.follow === true) return await followProcessLines(session, range, options)
  const { api, terminal } = session
  const lines = await api.logs.process.query({ ...range, ...(untilMs === undefined ? {} : { untilMs }) })
  if (options.json === true) terminal.json(lines)
  else {
    if (lines.length === 0)
      terminal.note(
        `The ${part} has written nothing about ${name}; what happened stands in \`npx skykeep events --service ${name}\`.`,
      )
    printProcessLines(terminal, lines)
  }
  return exitCodes.ok
}

/** The same, and then what comes, until the service is gone or Ctrl-C. */
async function followProcessLines(session: Session, range: Range, { json }: Json): Promise<number> {
  const { api, terminal } = session
  return await follow<ProcessLinesView>(session, {
    open: (from, handlers) => api.logs.followProcess.subscribe({ ...range, ...from }, handlers),
    onData: ({ lines }) => {
      if (json === true) for (const line of lines) terminal.print(JSON.stringify(line))
      else printProcessLines(terminal, lines)
      return false
    },
    goesOn: serviceGoesOn(range.service),
  })
}

export function printProcessLines(terminal: Terminal, lines: readonly ProcessLineView[]): void {
  for (const { atMs, process, level, message, details } of lines) {
    const head = `${clockTime(atMs)}  ${process}  ${level.padEnd(5)}`
    terminal.print(`${terminal.paint('dim', head)}  ${message}  ${details}`.trimEnd())
  }
}
