import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../..')

function filesWith(pattern: RegExp, globs: readonly string[]): string[] {
  return globs
    .flatMap((glob) => globSync(glob, { cwd: root, exclude: ['**/node_modules/**', '**/generated/**'] }))
    .filter((file) => pattern.test(readFileSync(path.join(root, file), 'utf8')))
    .toSorted()
}

it('only transition() writes a status', () => {
  const writers = filesWith(/\b(data|create|update): \{[^}]*\bstatus: /, ['packages/db/src/*.ts'])
  expect(writers).toEqual(['packages/db/src/transition.ts'])
})

it('rows never leave the package: nobody else touches a client', () => {
  const table = /\.client\.(\$|service|replica|endpoint|operation|event|reconciliation|installation)/
  const others = ['apps/*/src/**/*.ts', 'packages/*/src/**/*.ts', 'packages/providers/*/src/**/*.ts']
  expect(filesWith(table, others).filter((file) => !file.startsWith('packages/db/'))).toEqual([])
})

it('every change of the schema has its migration, for both databases', () => {
  const script = path.join(root, 'packages/db/scripts/new-migration.ts')
  expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toBe('')
})

it('dstack 11 #12: no column is an opaque blob', () => {
  expect(filesWith(/^\s+\w+\s+Bytes\b/m, ['prisma/schema/*.prisma'])).toEqual([])
})
