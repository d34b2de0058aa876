import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { buildsDir } from '../repository.ts'
import { resultsFileVariable } from './file-results-reporter.ts'
import { readPlaywrightReport, readVitestResults, type VitestResults } from './reports.ts'
import { runCommand } from './run-command.ts'
import type { Totals } from './totals.ts'

const reports = path.join(buildsDir, 'reports')

/** With more files than this that failed something is broken; running them again would only take time. */
const maxFilesRunAgain = 4

type Env = Readonly<Record<string, string>>

/**
 * Runs one vitest project and counts its tests; a run that dies counts as one failure. The few files that failed are run
 * once more, alone: what then passes counts as passed and is named as unsteady.
 */
export async function runVitest(project: string, env: Env): Promise<Totals> {
  const first = await vitest(project, [], env)
  if (first.results === undefined) return died(`vitest --project ${project}`)
  const failed = first.results.files.filter(({ failures }) => failures.length > 0)
  if (failed.length === 0 || failed.length > maxFilesRunAgain)
    return totalsOf(first.results, first.code, project)
  console.log(`\nrunning again, alone: ${failed.map(({ file }) => file).join(', ')}`)
  const files = failed.map(({ file }) => file)
  const second = await vitest(project, [...files, '--no-file-parallelism'], env)
  const secondOf = new Map(second.results?.files.map((result) => [result.file, result]))
  const results = {
    files: first.results.files.map((result) => secondOf.get(result.file) ?? result),
    unhandled: second.results?.unhandled ?? [],
  }
  const stillFailing = new Set(results.files.flatMap(({ failures }) => failures.map(({ name }) => name)))
  const unsteady = failed.flatMap(({ failures }) => failures).filter(({ name }) => !stillFailing.has(name))
  return { ...totalsOf(results, second.code, project), unsteady }
}

/** Runs the browser tests with this Chromium and counts them; what needs its second try is named as unsteady. */
export async function runPlaywright(env: Env): Promise<Totals> {
  const report = freshReport('playwright.json')
  const args = ['test', '-c', 'apps/web/playwright.config.ts', '--reporter=list,json', '--retries=1']
  const { code } = await runCommand('playwright', args, {
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
    isShown: true,
  })
  const result = readPlaywrightReport(report)
  if (result === undefined) return died('playwright')
  return withFailure({ ...result, failed: result.failures.length }, code, 'playwright')
}

interface VitestRun {
  readonly code: number
  readonly results: VitestResults | undefined
}

async function vitest(project: string, more: readonly string[], env: Env): Promise<VitestRun> {
  const report = freshReport(`vitest-${project}.json`)
  const reporter = path.join(import.meta.dirname, 'file-results-reporter.ts')
  const args = ['run', '--project', project, '--reporter=default', `--reporter=${reporter}`, ...more]
  const { code } = await runCommand('vitest', args, {
    env: { ...env, [resultsFileVariable]: report },
    isShown: true,
  })
  return { code, results: readVitestResults(report) }
}

function totalsOf({ files, unhandled }: VitestResults, code: number, project: string): Totals {
  const sum = (of: (result: VitestResults['files'][number]) => number): number =>
    files.reduce((total, result) => total + of(result), 0)
  const what = `vitest --project ${project}`
  const failures = [
    ...files.flatMap((result) => result.failures),
    ...unhandled.map((reason) => ({ name: `${what}, outside any test`, reason })),
  ]
  const totals = {
    passed: sum(({ passed }) => passed),
    failed: failures.length,
    skipped: sum(({ skipped }) => skipped),
    failures,
  }
  return withFailure(totals, code, what)
}

function freshReport(name: string): string {
  mkdirSync(reports, { recursive: true })
  const file = path.join(reports, name)
  rmSync(file, { force: true })
  return file
}

function died(what: string): Totals {
  return { passed: 0, failed: 1, skipped: 0, failures: [{ name: what, reason: 'it left no report' }] }
}

function withFailure(totals: Totals, code: number, what: string): Totals {
  if (code === 0 || totals.failed > 0) return totals
  return { ...totals, failed: 1, failures: [{ name: what, reason: `code ${code} though no test failed` }] }
}
