import { spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { resultsFileVariable } from '../src/test/file-results-reporter.ts'
import { type FileResult, readVitestResults } from '../src/test/reports.ts'

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'skykeep-results-')))
afterAll(() => rmSync(folder, { recursive: true }))

const files = {
  'counts.test.ts': `
    test('passes', () => {})
    test.skip('is left out', () => {})
    describe('of many', () => { test('fails', () => { expect(1).toBe(2) }) })`,
  'hook.test.ts': `
    beforeAll(() => { throw new Error('no port\\nat here') })
    test('one', () => {})
    test('two', () => {})`,
  'inner.test.ts': `
    test('outside', () => {})
    describe('inside', () => {
      beforeAll(() => { throw new Error('no database') })
      test('three', () => {})
    })`,
  'syntax.test.ts': `throw new Error('cannot be read')`,
}

test('what each file came to: a hook that fails, and a file that cannot be read, are failures with their reasons', () => {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  const report = path.join(folder, 'results.json')
  const reporter = path.join(import.meta.dirname, '../src/test/file-results-reporter.ts')
  const vitest = path.join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--root', folder, '--globals', `--reporter=${reporter}`],
    { env: { ...process.env, [resultsFileVariable]: report }, cwd: folder },
  )
  expect(status).toBe(1)
  const byName = (a: FileResult, b: FileResult): number => a.file.localeCompare(b.file)
  const results = readVitestResults(report)?.files.toSorted(byName)
  const reduced = results?.map(({ passed, skipped, failures }) => [
    passed,
    skipped,
    failures.map(({ name, reason }) => `${name.slice(name.lastIndexOf('/') + 1)} (${reason})`).join(),
  ])
  expect(reduced).toEqual([
    [1, 1, 'counts.test.ts › of many > fails (expected 1 to be 2 // Object.is equality)'],
    [0, 0, 'hook.test.ts (no port)'],
    [1, 0, 'inner.test.ts › inside (no database)'],
    [0, 0, 'syntax.test.ts (cannot be read)'],
  ])
  expect(readVitestResults(path.join(folder, 'none.json'))).toBeUndefined()
})
