import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Reporter, SerializedError, TestModule, TestSuite } from 'vitest/node'
import { root } from '../repository.ts'
import { firstLine, type FileResult, type VitestResults } from './reports.ts'
import type { Failure } from './totals.ts'

/** Variable of the environment that names the file for the results. */
export const resultsFileVariable = 'SKYKEEP_TEST_RESULTS'

/** Writes what each file came to. Vitest's own JSON gives no reason where a hook of a whole suite failed. */
export default class FileResultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env[resultsFileVariable]
    if (file === undefined) throw new Error(`${resultsFileVariable} names no file`)
    const results: VitestResults = {
      files: modules.map(resultOf),
      unhandled: unhandled.map(({ message }) => firstLine(message)),
    }
    writeFileSync(file, JSON.stringify(results))
  }
}

function resultOf(module: TestModule): FileResult {
  const file = path.relative(root, module.moduleId)
  const failures: Failure[] = []
  let passed = 0
  let skipped = 0
  const broken: readonly (TestModule | TestSuite)[] = [module, ...module.children.allSuites()].filter(
    (each) => each.errors().length > 0,
  )
  for (const each of broken) {
    const name = each.type === 'module' ? file : `${file} › ${each.fullName}`
    failures.push({ name, reason: reasonOf(each.errors()) })
  }
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result()
    if (state === 'passed') passed += 1
    else if (state === 'failed')
      failures.push({ name: `${file} › ${test.fullName}`, reason: reasonOf(errors) })
    else skipped += 1
  }
  // What did not run because a hook of its suite failed was not left out on purpose.
  return { file, passed, skipped: broken.length > 0 ? 0 : skipped, failures }
}

function reasonOf(errors: readonly SerializedError[] | undefined): string {
  return firstLine(errors?.[0]?.message)
}
