import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { explain } from '../../src/commands/failure.ts'
import { readEnv, type CliEnv } from '../../src/env.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'skv-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const envWith = (more: Readonly<Record<string, string>>): CliEnv => ({
  ...readEnv([]),
  home: folder,
  all: { SKYPILOT_PERSISTENT_PATH: path.join(folder, 'state'), ...more },
})
const strange = (): Error => new TypeError('x is not a function of secret-token')

it('an error that nobody knows shows neither text nor stack, and names the log that has both', () => {
  const logs = path.join(folder, 'state', 'logs', 'processes')
  mkdirSync(logs, { recursive: true })
  const { lines, exitCode } = explain(strange(), envWith({}))
  const log = path.join(logs, 'cli.log')
  expect([exitCode, lines]).toEqual([
    1,
    ['error: something went wrong inside Skykeep', `       What happened stands at the end of ${log}.`],
  ])
  expect(readFileSync(log, 'utf8')).toMatch(/TypeError: x is not a function of secret-token\n +at /)
})

it('makes no persistent path for it, and says how to see it; SKYKEEP_DEBUG shows the stack', () => {
  expect(explain(strange(), envWith({})).lines[1]).toContain('SKYKEEP_DEBUG=1')
  expect(explain(strange(), envWith({ SKYKEEP_DEBUG: '1' })).lines[1]).toMatch(/TypeError.*\n +at /)
})

it('a full disk and a file that may not be used are said with the file and what to do', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
    path: '/mnt/a',
  })
  expect(explain(full, envWith({})).lines).toEqual([
    'error: /mnt/a: the disk is full (ENOSPC)',
    '       Free space, or make it writable, and run the same command again.',
  ])
  const closed = Object.assign(new Error('EACCES'), { code: 'EACCES', path: '/mnt/b' })
  expect(explain(closed, envWith({})).lines[0]).toBe('error: /mnt/b: you may not read or write it (EACCES)')
})
