import type { NodeRuntime } from '@skykeep/node-runtime/node-runtime'
import type { Runner } from '@skykeep/provider-contract/runner'

const chunkBytes = 1 << 20
/** Reads at most so far: the end of a longer log is not worth the wait. */
const maxChunks = 64
const maxLineLength = 300

/** The last line of a job's log that is not empty, cut at 300 characters; empty when there is none or it cannot be read. */
export async function lastLineOf(runtime: NodeRuntime, runner: Runner, jobId: string): Promise<string> {
  try {
    let tail = ''
    let offset = 0
    for (let chunks = 0; chunks < maxChunks; chunks += 1) {
      const chunk = await runtime.readLog(runner, jobId, { offset, limitBytes: chunkBytes })
      tail = lastLines(tail + Buffer.from(chunk.bytes).toString('utf8'))
      if (chunk.isEnded || chunk.nextOffset === offset) break
      offset = chunk.nextOffset
    }
    const line = tail.split('\n').findLast((each) => each.trim() !== '') ?? ''
    return line.trim().slice(0, maxLineLength)
  } catch {
    return ''
  }
}

function lastLines(text: string): string {
  return text.slice(-4 * maxLineLength)
}
