import type { ProcessLineView } from '@skykeep/core/views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { aboutService, processLineOf } from './process-lines.ts'
import { ProcessLogFiles, type ProcessText } from './process-log-files.ts'
import type { ReadProcessLinesInput } from './schemas.ts'

/**
 * What the worker or the gateway wrote into its log about a living service: lines that name it, one of its replicas or operations, or its
 * port; oldest first, the last ones. Empty where such a process has not run. Throws NOT_FOUND.
 */
export async function readProcessLines(
  context: ActionContext,
  input: ReadProcessLinesInput,
): Promise<readonly ProcessLineView[]> {
  authorize(context.actor, 'log:read')
  const isAbout = await aboutService(context, input.service)
  const files = new ProcessLogFiles(context.paths.processLogsDir, input.part)
  // Line by line: of a long log only what is about the service is kept.
  const texts: ProcessText[] = []
  for await (const text of files.news()) if (isAbout(text.text)) texts.push(text)
  return linesAmong(texts, isAbout, input)
}

interface Bounds {
  readonly sinceMs?: number | undefined
  readonly untilMs?: number | undefined
  /** Absent: all of them. */
  readonly tailLines?: number | undefined
}

/** What came into the files since the last look. */
export async function gathered(files: ProcessLogFiles): Promise<readonly ProcessText[]> {
  const texts: ProcessText[] = []
  for await (const text of files.news()) texts.push(text)
  return texts
}

/** The lines among them that are asked for, in the order of their times. */
export function linesAmong(
  texts: readonly ProcessText[],
  isAbout: (text: string) => boolean,
  { sinceMs = 0, untilMs = Number.POSITIVE_INFINITY, tailLines }: Bounds,
): readonly ProcessLineView[] {
  const lines = texts.flatMap(({ process, text }) => {
    const line = isAbout(text) ? processLineOf(process, text) : null
    return line !== null && line.atMs >= sinceMs && line.atMs <= untilMs ? [line] : []
  })
  const sorted = lines.toSorted((a, b) => a.atMs - b.atMs)
  return tailLines === undefined ? sorted : sorted.slice(-tailLines)
}
