import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { root } from '../src/repository.ts'
import { readPlaywrightReport, readVitestReport } from '../src/test/reports.ts'
import { add, lastLines } from '../src/test/totals.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-totals-'))
afterAll(() => rmSync(folder, { recursive: true }))

function written(content: unknown): string {
  const file = path.join(folder, 'report.json')
  writeFileSync(file, JSON.stringify(content))
  return file
}

test('a file whose set-up failed is one failure by its reason, and its tests are not called skipped', () => {
  const file = written({
    testResults: [
      {
        name: path.join(root, 'packages/a/test/a.test.ts'),
        status: 'failed',
        message: 'no port\nat here',
        assertionResults: [{ fullName: 'one', status: 'skipped', failureMessages: [] }],
      },
      {
        name: path.join(root, 'packages/a/test/b.test.ts'),
        status: 'failed',
        message: '',
        assertionResults: [
          { fullName: ' two: of three', status: 'failed', failureMessages: ['expected 1\nat there'] },
          { fullName: 'three', status: 'passed', failureMessages: [] },
          { fullName: 'four', status: 'todo', failureMessages: [] },
        ],
      },
    ],
  })
  expect(readVitestReport(file)).toEqual([
    {
      file: 'packages/a/test/a.test.ts',
      passed: 0,
      skipped: 0,
      failures: [{ name: 'packages/a/test/a.test.ts', reason: 'no port' }],
    },
    {
      file: 'packages/a/test/b.test.ts',
      passed: 1,
      skipped: 1,
      failures: [{ name: 'packages/a/test/b.test.ts › two: of three', reason: 'expected 1' }],
    },
  ])
  expect(readVitestReport(path.join(folder, 'none.json'))).toBeUndefined()
})

test('a browser test that needed its second try passed, and is named', () => {
  const spec = (title: string, status: string, ...results: unknown[]): unknown => ({
    title,
    file: 'a.spec.ts',
    line: 3,
    tests: [{ status, results }],
  })
  const unsteady = spec('unsteady', 'flaky', { error: { message: 'late\n' } }, {})
  const specs = [spec('well', 'expected', {}), unsteady, spec('off', 'skipped')]
  const result = readPlaywrightReport(written({ suites: [{ specs }] }))
  expect(result).toMatchObject({ passed: 2, skipped: 1, failures: [] })
  expect(result?.unsteady).toEqual([
    expect.objectContaining({ name: 'a.spec.ts:3 › unsteady', reason: 'late' }),
  ])
})

test('the very end names what failed and what was unsteady, of every tier', () => {
  const first = { passed: 3, failed: 1, skipped: 0, failures: [{ name: 'a', reason: 'b' }] }
  const second = { passed: 4, failed: 0, skipped: 2, unsteady: [{ name: 'c', reason: 'd' }] }
  expect(lastLines(add(first, second)).split('\n')).toEqual([
    'passed only when run again: c (d)',
    'failed: a (b)',
    '7 passed, 1 failed, 2 skipped',
  ])
})
