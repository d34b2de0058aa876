import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { buildsDir } from '../repository.ts'
import { runCommand } from './run-command.ts'
import type { Totals } from './totals.ts'

const reports = path.join(buildsDir, 'reports')

/** Runs one vitest project and counts its tests; a run that dies counts as one failure. */
export async function runVitest(project: string, env: Readonly<Record<string, string>>): Promise<Totals> {
  const report = freshReport(`vitest-${project}.json`)
  const args = [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${report}`,
  ]
  const { code } = await runCommand('vitest', args, { env, isShown: true })
  const counted = read(report, ({ numPassedTests, numFailedTests, numPendingTests }) => ({
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests,
  }))
  return withFailure(counted, code)
}

/** Runs the browser tests with this Chromium and counts them. */
export async function runPlaywright(env: Readonly<Record<string, string>>): Promise<Totals> {
  const report = freshReport('playwright.json')
  const args = ['test', '-c', 'apps/web/playwright.config.ts', '--reporter=list,json']
  const { code } = await runCommand('playwright', args, {
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
    isShown: true,
  })
  const counted = read(report, ({ stats }) => ({
    passed: (stats?.['expected'] ?? 0) + (stats?.['flaky'] ?? 0),
    failed: stats?.['unexpected'] ?? 0,
    skipped: stats?.['skipped'] ?? 0,
  }))
  return withFailure(counted, code)
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly stats?: Readonly<Record<string, number>>
}

function freshReport(name: string): string {
  mkdirSync(reports, { recursive: true })
  const file = path.join(reports, name)
  rmSync(file, { force: true })
  return file
}

function read(file: string, count: (report: Report) => Totals): Totals {
  try {
    // The reporters' own documented shape; a missing count shows as NaN in the totals and fails them.
    return count(JSON.parse(readFileSync(file, 'utf8')) as Report)
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

function withFailure(totals: Totals, code: number): Totals {
  return code !== 0 && totals.failed === 0 ? { ...totals, failed: 1 } : totals
}
