import type { NodeRuntime } from '@skykeep/node-runtime/node-runtime'
import type { Runner } from '@skykeep/provider-contract/runner'

const tailBytes = 4_096
const maxLineLength = 300

/** The last line of a job's log that is not empty, cut at 300 characters; empty when there is none or it cannot be read. */
export async function lastLineOf(runtime: NodeRuntime, runner: Runner, jobId: string): Promise<string> {
  try {
    const { nextOffset: end } = await runtime.readLog(runner, jobId, {
      offset: Number.MAX_SAFE_INTEGER,
      limitBytes: 1,
    })
    const offset = Math.max(0, end - tailBytes)
    const { bytes } = await runtime.readLog(runner, jobId, { offset, limitBytes: tailBytes })
    const lines = Buffer.from(bytes).toString('utf8').split('\n')
    const line = lines.findLast((each) => each.trim() !== '') ?? ''
    return line.trim().slice(0, maxLineLength)
  } catch {
    // The reason is only the poorer for it.
    return ''
  }
}
