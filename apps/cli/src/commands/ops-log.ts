import type { Session } from '../client/session.ts'
import { showFound } from '../output/watching.ts'
import type { Watch } from '../program/group.ts'
import { printProcessLines } from './serve-logs-process.ts'

/** As many as one answer of the API carries. */
const tailLines = 10_000

/**
 * `skykeep ops log UID`: the lines that the worker wrote while it worked for one request, on whatever row. Of a living service only.
 * Returns the exit code.
 */
export async function operationLog(session: Session, uid: string, options: Watch): Promise<number> {
  const { api } = session
  return await showFound(session, options, async () => {
    const { targetName, verb } = await api.operations.get.query({ uid })
    const all = await api.logs.process.query({ service: targetName, part: 'controller', tailLines })
    const lines = all.filter(({ details }) => details.includes(JSON.stringify(uid)))
    return {
      json: lines,
      show: (terminal) => {
        if (lines.length === 0)
          terminal.note(
            `The worker has written nothing for ${uid}; what happened stands in \`npx skykeep ops ${uid}\`.`,
          )
        printProcessLines(terminal, lines)
      },
      goesOn: { what: `${verb} of ${targetName} goes on`, look: `skykeep ops ${uid} --watch` },
    }
  })
}
