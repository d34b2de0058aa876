import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../repository.ts'
import type { Failure } from './totals.ts'

/** What one file of tests came to. */
export interface FileResult {
  readonly file: string
  readonly passed: number
  readonly skipped: number
  /** A file that could not even be set up is one failure. */
  readonly failures: readonly Failure[]
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** Reads what vitest's JSON reporter wrote; undefined where the run left nothing that can be read. */
export function readVitestReport(file: string): readonly FileResult[] | undefined {
  const report = readJson<VitestReport>(file)
  return report?.testResults.map(({ name, status, message, assertionResults }) => {
    const where = path.relative(root, name)
    const having = (wanted: string): number => assertionResults.filter((one) => one.status === wanted).length
    const failures = assertionResults
      .filter((one) => one.status === 'failed')
      .map((one) => ({
        name: `${where} › ${one.fullName.trim()}`,
        reason: firstLine(one.failureMessages[0]),
      }))
    const passed = having('passed')
    const isBroken = status === 'failed' && failures.length === 0
    return {
      file: where,
      passed,
      skipped: isBroken ? 0 : assertionResults.length - passed - failures.length,
      failures: isBroken ? [{ name: where, reason: firstLine(message) }] : failures,
    }
  })
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

function firstLine(text: string | undefined): string {
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
