import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isSkykeepError, type SkykeepError } from '@skykeep/core/errors'
import { parseConfig } from '@skykeep/persistent-path/config'
import { layoutOf } from '@skykeep/persistent-path/layout'
import { resolvePersistentPath } from '@skykeep/persistent-path/resolve'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'skr-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const writeConfig = (text: string): void => {
  mkdirSync(join(home, '.skykeep'), { recursive: true })
  writeFileSync(join(home, '.skykeep', 'config.yaml'), text)
}
const refusal = (run: () => unknown): SkykeepError => {
  try {
    run()
  } catch (error) {
    if (isSkykeepError(error, 'INVALID_INPUT')) return error
    throw error
  }
  throw new Error('was accepted')
}

describe('resolvePersistentPath', () => {
  it('takes the variable before the file before the default', () => {
    expect(resolvePersistentPath({}, home)).toMatchObject({ path: join(home, '.skykeep'), source: 'default' })
    writeConfig('persistent_path: /data/sky\nweb: {port: 8080}\n')
    expect(resolvePersistentPath({}, home)).toMatchObject({ path: '/data/sky', source: 'config' })
    expect(resolvePersistentPath({}, home).config.webPort).toBe(8080)
    const env = { SKYPILOT_PERSISTENT_PATH: '~/p/', SKYKEEP_CONFIG: '' }
    expect(resolvePersistentPath(env, home)).toMatchObject({ path: join(home, 'p'), source: 'environment' })
  })

  it('reads the file that SKYKEEP_CONFIG names and refuses a missing one', () => {
    const file = join(home, 'other.yaml')
    expect(refusal(() => resolvePersistentPath({ SKYKEEP_CONFIG: file }, home)).message).toContain(file)
    writeFileSync(file, 'persistent_path: ~/elsewhere')
    expect(resolvePersistentPath({ SKYKEEP_CONFIG: file }, home).path).toBe(join(home, 'elsewhere'))
  })

  it.each([
    ['relative', 'data/sky', 'not absolute'],
    ['another user', '~root/sky', 'only ~'],
    ['the root folder', '//', 'root folder'],
    ['a line break', '/a\nb', 'line break'],
    ['a NUL', '/a\0b', 'NUL'],
    ['81 bytes', `/${'a'.repeat(80)}`, '81 bytes'],
    ['81 bytes in 41 letters', `/${'é'.repeat(40)}`, '81 bytes'],
  ])('refuses %s, naming variable, value and fix', (_what, value, text) => {
    const error = refusal(() => resolvePersistentPath({ SKYPILOT_PERSISTENT_PATH: value }, home))
    expect(error.message).toContain(text)
    expect(error.message).toContain('SKYPILOT_PERSISTENT_PATH')
    expect(error.hint).toBeTruthy()
  })

  it('leaves room for the longest socket name under the longest path', () => {
    const layout = layoutOf(`/${'a'.repeat(79)}`)
    for (const name of ['gateway-63', 'supervisor', 'sb-4194304']) {
      expect(Buffer.byteLength(layout.socket(name))).toBeLessThanOrEqual(107)
    }
  })
})

describe('config.yaml', () => {
  it.each([
    ['', {}],
    ['# nothing\n', {}],
    ['database:\n', {}],
    ['database:\n  url: postgres://h/d\n', { databaseUrl: 'postgres://h/d' }],
    ['gateway: {processes: 4}', { gatewayProcesses: 4 }],
    ['storage: {reserve_mb: 128}', { reserveMegabytes: 128 }],
    [
      'retention:\n  events: 5000\n  log_mb: 64\nweb: {port: 8080}\n',
      { retention: { events: 5_000, logMegabytes: 64 }, webPort: 8_080 },
    ],
  ])('accepts %j', (text, config) => {
    expect(parseConfig(text, 'c.yaml')).toEqual(config)
  })

  it.each([
    ['\npersistant_path: /x', 'c.yaml:2: unknown key `persistant_path`', 'Did you mean `persistent_path`?'],
    ['web: {prot: 1}', 'unknown key `web.prot`', 'Did you mean `web.port`?'],
    ['url: x', 'unknown key `url`', 'Did you mean `database.url`?'],
    ['zzzzzz: 1', 'unknown key `zzzzzz`', 'Known keys: persistent_path'],
    ['web: {port: 0}', 'web.port must be a whole number from 1 to 65535, not 0', 'Correct'],
    ['web: {port: "80"}', 'not "80"', 'Correct'],
    ['gateway: {processes: 65}', 'from 1 to 64', 'Correct'],
    ['persistent_path: 7', 'non-empty text', 'Quote'],
    ['persistent_path: [a]', 'not a mapping or list', 'Quote'],
    [
      'storage: {reserve_mb: 8}',
      'storage.reserve_mb must be a whole number from 16 to 65536, not 8',
      'Correct',
    ],
    [
      'retention: {events: 0.5}',
      'retention.events must be a whole number from 1000 to 20000000, not 0.5',
      'Correct',
    ],
    [
      'retention: {versions: all}',
      'retention.versions must be a whole number from 2 to 400, not "all"',
      'Correct',
    ],
    [
      'retention: {event_day: 3}',
      'unknown key `retention.event_day`',
      'Did you mean `retention.event_days`?',
    ],
    ['retention: 7', 'retention must be a mapping', 'Known keys'],
    ['web: 8080', 'web must be a mapping', 'web.port'],
    ['- a', 'must be a mapping', 'persistent_path'],
    ['a: [', 'not valid YAML', 'Correct'],
    ['web: {port: 1}\nweb: {port: 2}', 'not valid YAML', 'Correct'],
  ])('refuses %j', (text, message, hint) => {
    const error = refusal(() => parseConfig(text, 'c.yaml'))
    expect(error.message).toContain(message)
    expect(error.message).toContain('c.yaml')
    expect(error.hint).toContain(hint)
  })

  it('never fails in another way, whatever the text', () => {
    const outcome = (text: string): string => {
      try {
        parseConfig(text, 'c.yaml')
        return 'accepted'
      } catch (error) {
        return isSkykeepError(error, 'INVALID_INPUT') ? 'refused' : String(error)
      }
    }
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab:{}[]-\n "&*!|>#1_web port'.split('')) }),
        (text) => {
          expect(outcome(text)).toMatch(/^(accepted|refused)$/)
        },
      ),
    )
    expect.hasAssertions()
  })
})

describe('layout', () => {
  it.each(['..', '.', '', 'a/b', '.hidden', 'a\0', 'x'.repeat(129)])('refuses the name %j', (name) => {
    expect(refusal(() => layoutOf('/p').serviceLogsDir(name)).hint).toBeTruthy()
    expect(refusal(() => layoutOf('/p').versionDir(name, 1)).hint).toBeTruthy()
  })
})
