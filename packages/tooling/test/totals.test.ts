import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPlaywrightReport } from '../src/test/reports.ts'
import { add, lastLines } from '../src/test/totals.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-totals-'))
afterAll(() => rmSync(folder, { recursive: true }))

function written(content: unknown): string {
  const file = path.join(folder, 'report.json')
  writeFileSync(file, JSON.stringify(content))
  return file
}

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
