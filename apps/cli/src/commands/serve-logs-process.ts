import type { ProcessLineView } from '@skykeep/core/views'
import type { Session } from '../client/session.ts'
import { clockTime } from '../output/age.ts'
import type { Terminal } from '../output/terminal.ts'
import { exitCodes } from './failure.ts'
import type { LogsWish } from './logs-wish.ts'

const defaultTailLines = 200

/** What the worker (`--controller`) or the gateway (`--load-balancer`) wrote about a service. Returns the exit code. */
export async function showProcessLines({ api, terminal }: Session, wish: LogsWish): Promise<number> {
  const { name, sinceMs, untilMs, options } = wish
  const part = options.controller === true ? 'controller' : 'load-balancer'
  const lines = await api.logs.process.query({
    service: name,
    part,
    tailLines: options.tailLines ?? defaultTailLines,
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
  })
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

export function printProcessLines(terminal: Terminal, lines: readonly ProcessLineView[]): void {
  for (const { atMs, process, level, message, details } of lines) {
    const head = `${clockTime(atMs)}  ${process}  ${level.padEnd(5)}`
    terminal.print(`${terminal.paint('dim', head)}  ${message}  ${details}`.trimEnd())
  }
}
