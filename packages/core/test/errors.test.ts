import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { isSkykeepError, SkykeepError } from '@skykeep/core/errors'

it('knows an error of another copy of the module, as bundles have', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skykeep-errors-'))
  const copy = join(folder, 'errors.ts')
  writeFileSync(copy, readFileSync(join(import.meta.dirname, '../src/errors.ts')))
  const other: { SkykeepError: typeof SkykeepError } = await import(pathToFileURL(copy).href)
  rmSync(folder, { recursive: true })
  const error = new other.SkykeepError('NOT_FOUND', 'gone')
  expect(error instanceof SkykeepError).toBe(false)
  expect(isSkykeepError(error)).toBe(true)
  expect(isSkykeepError(error, 'NOT_FOUND')).toBe(true)
  expect(isSkykeepError(error, 'CONFLICT')).toBe(false)
  expect(isSkykeepError(new Error('x'))).toBe(false)
  expect(isSkykeepError({ code: 'NOT_FOUND' })).toBe(false)
})
