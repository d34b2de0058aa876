import { readFileSync } from 'node:fs'
import type { Failure } from './totals.ts'

/** What one file of tests came to. */
export interface FileResult {
  readonly file: string
  readonly passed: number
  readonly skipped: number
  /** A file that could not even be set up is one failure. */
  readonly failures: readonly Failure[]
}

/** What one run of vitest came to, as its reporter here writes it. */
export interface VitestResults {
  readonly files: readonly FileResult[]
  /** The first line of each error that belonged to no test. */
  readonly unhandled: readonly string[]
}

/** Reads what the reporter of `file-results-reporter.ts` wrote; undefined where the run left nothing that can be read. */
export function readVitestResults(file: string): VitestResults | undefined {
  return readJson<VitestResults>(file)
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[]
  readonly specs?: readonly {
    readonly title: string
    readonly file: string
    readonly line: number
    readonly tests: readonly {
      readonly status: 'expected' | 'unexpected' | 'flaky' | 'skipped'
      readonly results: readonly { readonly error?: { readonly message?: string } }[]
    }[]
  }[]
}

export interface PlaywrightResult {
  readonly passed: number
  readonly skipped: number
  readonly failures: readonly Failure[]
  readonly unsteady: readonly Failure[]
}

/** Reads what Playwright's JSON reporter wrote; undefined where the run left nothing that can be read. */
export function readPlaywrightReport(file: string): PlaywrightResult | undefined {
  const report = readJson<PlaywrightSuite>(file)
  if (report === undefined) return undefined
  const tests = [...testsOf(report)]
  const named = (wanted: string): Failure[] => tests.filter(({ status }) => status === wanted)
  const unsteady = named('flaky')
  return {
    passed: named('expected').length + unsteady.length,
    skipped: named('skipped').length,
    failures: named('unexpected'),
    unsteady,
  }
}

function* testsOf(suite: PlaywrightSuite): Generator<Failure & { readonly status: string }> {
  for (const spec of suite.specs ?? []) {
    for (const { status, results } of spec.tests) {
      const reason = results.find(({ error }) => error !== undefined)?.error?.message
      yield { status, name: `${spec.file}:${spec.line} › ${spec.title}`, reason: firstLine(reason) }
    }
  }
  for (const inner of suite.suites ?? []) yield* testsOf(inner)
}

/** What a list can hold of an error's message. */
export function firstLine(text: string | undefined): string {
  return text?.split('\n', 1)[0]?.slice(0, 300) ?? 'no reason given'
}

function readJson<T>(file: string): T | undefined {
  try {
    // The reporters' own documented shapes.
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return undefined
  }
}
