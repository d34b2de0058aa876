/** What a simulated job does, in milliseconds from the start of its phase. */
export interface JobScript {
  /** How long setup takes, and what it exits with. */
  readonly setupMs: number
  readonly setupExit: number
  /** When `run` begins to answer its probe. */
  readonly readyMs: number
  /** When `run` ends by itself, null: never; and with what. */
  readonly exitMs: number | null
  readonly exit: number
  /** When it stops answering although it runs; null: never. */
  readonly muteMs: number | null
  /** Status of its answer; only below 300 is ready. */
  readonly status: number
  /** How long it takes to end when it is told to stop. */
  readonly stopMs: number
  /** The only path that it knows, or null: it answers on any. */
  readonly path: string | null
  /** Where it listens. */
  readonly ports: readonly number[]
}

/**
 * Reads the words `key=value` of a task's text, such as `ready=2000 exit-after=60000 exit=3`; all else in it means nothing here.
 * Of setup: `takes`, `exit`. Of run: `ready`, `exit-after`, `exit`, `mute-after`, `status`, `stop`, `path`, `ports` (`8080,8081`).
 * @param readyMs when it answers where the text does not say
 */
export function readJobScript(
  task: { readonly setup: string | null; readonly run: string; readonly port: number | null },
  readyMs: number,
): JobScript {
  const setup = wordsOf(task.setup ?? '')
  const run = wordsOf(task.run)
  const ports = (run['ports'] ?? '').split(',').filter((text) => text !== '')
  return {
    setupMs: task.setup === null ? 0 : numberOr(setup['takes'], 0),
    setupExit: numberOr(setup['exit'], 0),
    readyMs: numberOr(run['ready'], readyMs),
    exitMs: run['exit-after'] === undefined ? null : numberOr(run['exit-after'], 0),
    exit: numberOr(run['exit'], 0),
    muteMs: run['mute-after'] === undefined ? null : numberOr(run['mute-after'], 0),
    status: numberOr(run['status'], 200),
    stopMs: numberOr(run['stop'], 0),
    path: run['path'] ?? null,
    ports: [...(task.port === null ? [] : [task.port]), ...ports.map(Number)],
  }
}

function wordsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/([a-z-]+)=(\S+)/g)].map(([, key = '', value = '']) => [key, value]),
  )
}

function numberOr(text: string | undefined, otherwise: number): number {
  const value = Number(text)
  return text !== undefined && Number.isFinite(value) ? value : otherwise
}
