import type { Session } from '../client/session.ts'
import type { Json } from '../program/group.ts'
import { exitCodes } from './failure.ts'
import { printProcessLines } from './serve-logs-process.ts'

/** As many as one answer of the API carries. */
const tailLines = 10_000

/**
 * `skykeep ops log UID`: the lines that the worker wrote while it worked for one request, on whatever row. Of a living service only.
 * Returns the exit code.
 */
export async function operationLog({ api, terminal }: Session, uid: string, options: Json): Promise<number> {
  const { targetName } = await api.operations.get.query({ uid })
  const all = await api.logs.process.query({ service: targetName, part: 'controller', tailLines })
  const lines = all.filter(({ details }) => details.includes(JSON.stringify(uid)))
  if (options.json === true) terminal.json(lines)
  else {
    if (lines.length === 0)
      terminal.note(
        `The worker has written nothing for ${uid}; what happened stands in \`npx skykeep ops ${uid}\`.`,
      )
    printProcessLines(terminal, lines)
  }
  return exitCodes.ok
}
