import { isSkykeepError } from '@skykeep/core/errors'
import type { ProcessLinesView } from '@skykeep/core/log-views'
import { Bell } from '@skykeep/db/bell'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { aboutService } from './process-lines.ts'
import { ProcessLogFiles } from './process-log-files.ts'
import { gathered, linesAmong } from './read-process-lines.ts'
import type { FollowProcessLinesInput } from './schemas.ts'

const never = new AbortController().signal
/** How often the files are looked at. */
const lookMs = 500
/** Without a line the service is looked at this seldom. */
const quietLooks = 10

/**
 * What `readProcessLines` gives, then what comes, also over a rotation of the logs and of processes that are started later. The first
 * message is at once and may have no line; ends with the service. Throws NOT_FOUND.
 */
export async function* followProcessLines(
  context: ActionContext,
  input: FollowProcessLinesInput,
  signal: AbortSignal = never,
): AsyncGenerator<ProcessLinesView> {
  authorize(context.actor, 'log:read')
  const { service, part, lastEventId } = input
  let isAbout = await aboutService(context, service)
  const isResumed = lastEventId !== null && lastEventId !== undefined
  const files = new ProcessLogFiles(context.paths.processLogsDir, part, lastEventId ?? '')
  const { sinceMs, tailLines } = input
  const found = linesAmong(await gathered(files), isAbout, isResumed ? {} : { sinceMs, tailLines })
  yield { lines: found, cursor: files.cursor }
  for (let look = 1; ; look += 1) {
    await new Bell(signal, lookMs).wait()
    if (signal.aborted) return
    const texts = await gathered(files)
    // What came may be about a replica that is new.
    if (texts.length === 0 && look % quietLooks !== 0) continue
    const now = await aboutNow(context, service)
    isAbout = now ?? isAbout
    const lines = linesAmong(texts, isAbout, {})
    if (lines.length > 0) yield { lines, cursor: files.cursor }
    if (now === null) return
  }
}

/** Null once the service is gone, whose last lines are about it as it was; undefined while the database does not answer. */
async function aboutNow(
  context: ActionContext,
  service: string,
): Promise<((text: string) => boolean) | null | undefined> {
  try {
    return await aboutService(context, service)
  } catch (error) {
    if (!isSkykeepError(error)) throw error
    return isSkykeepError(error, 'NOT_FOUND') ? null : undefined
  }
}
