import type { LogSource } from '@skykeep/logs/log-source'

const tailBytes = 4_096
const maxLineLength = 300
/** The job's end is seen a moment before its log is complete. */
const tries = 10
const pauseMs = 100

/**
 * The last line of a log that is not empty, once the log has ended or after a second; cut at 300 characters, empty when there is none.
 * It goes into statuses and events, where no secret may stand: each of `secrets` is blanked.
 */
export async function lastLineOf(log: LogSource, secrets: readonly string[]): Promise<string> {
  try {
    let end = await log.read({ offset: Number.MAX_SAFE_INTEGER, limitBytes: 1 })
    for (let tried = 1; tried < tries && !end.isEnded; tried += 1) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      end = await log.read({ offset: Number.MAX_SAFE_INTEGER, limitBytes: 1 })
    }
    const offset = Math.max(0, end.nextOffset - tailBytes)
    const { bytes } = await log.read({ offset, limitBytes: tailBytes })
    return lastTellingLine(withoutSecrets(Buffer.from(bytes).toString('utf8'), secrets))
  } catch {
    // The reason is only the poorer for it.
    return ''
  }
}

/** The last line that is not empty; of a crash of Node, which ends with its version, the line that names the error. Pure. */
export function lastTellingLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  const last = lines.findLast((line) => line !== '') ?? ''
  const error = /^Node\.js v\d/.test(last)
    ? lines.findLast((line) => /^(\w+: )?\w*Error\b.*:/.test(line))
    : undefined
  return (error ?? last).slice(0, maxLineLength)
}

const shortestSecret = 4

/** The text with every secret blanked, each line of a longer one too; what is shorter than four characters is no secret. Pure. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split('\n')]).map((part) => part.trim())
  return parts
    .filter((part) => part.length >= shortestSecret)
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, part) => rest.replaceAll(part, '***'), text)
}
