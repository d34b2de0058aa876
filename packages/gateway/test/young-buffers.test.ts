import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const source = join(import.meta.dirname, '../src/young-buffers.ts')

/** Collections of the young generation while so many MiB were noted, in a process with these flags. */
function collectionsIn(flags: readonly string[], mebibytes: number): number {
  const program = `
    import { constants, PerformanceObserver } from 'node:perf_hooks'
    import { noteYoungBuffer } from ${JSON.stringify(source)}
    let count = 0
    const note = (list) => {
      for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) count += 1
    }
    const observer = new PerformanceObserver(note)
    observer.observe({ entryTypes: ['gc'] })
    await new Promise(setImmediate)
    const before = count
    for (let at = 0; at < ${mebibytes} * 16; at += 1) noteYoungBuffer(64 * 1024)
    // Entries are given out in a turn of their own.
    await new Promise((resolve) => setTimeout(resolve, 50))
    console.log(count - before)`
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', program])
  expect(stderr.toString()).toBe('')
  return Number(stdout.toString())
}

it('what large bodies leave is collected each 8 MiB, where V8 lets it', () => {
  expect(collectionsIn(['--expose-gc'], 24)).toBe(3)
  expect(collectionsIn(['--expose-gc'], 7)).toBe(0)
  expect(collectionsIn([], 24)).toBe(0)
})
