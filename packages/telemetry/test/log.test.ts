import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { readable } from '../src/readable.ts'
import { redacted } from '../src/redact.ts'

const log = path.join(import.meta.dirname, '../src/log.ts')
const scope = path.join(import.meta.dirname, '../src/scope.ts')

/** Runs a program with the log, and gives the lines that it wrote. */
function linesOf(program: string): readonly string[] {
  const source = `import { createLog } from ${JSON.stringify(log)}\nimport { annotate, inScope } from ${JSON.stringify(scope)}\n${program}`
  const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  return stderr.trimEnd().split('\n')
}

describe('a log', () => {
  test('writes JSON lines with time, level, process, and what is known of the run', () => {
    const [first = '', second = '', third = ''] = linesOf(`
      const log = createLog({ base: { process: 'worker', plane: 'plane_1' } })
      await inScope({ kind: 'service', uid: 'svc_1' }, async () => {
        log.info('before')
        annotate({ operation: 'op_1', service: 'hello' })
        await Promise.resolve()
        log.warn({ infra: 'local' }, 'after')
      })
      log.info('outside')`)
    expect(JSON.parse(first)).toMatchObject({
      level: 'info',
      process: 'worker',
      plane: 'plane_1',
      kind: 'service',
      uid: 'svc_1',
      msg: 'before',
    })
    expect(JSON.parse(second)).toMatchObject({
      level: 'warn',
      operation: 'op_1',
      service: 'hello',
      infra: 'local',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect(JSON.parse(third)).not.toHaveProperty('uid')
  })

  test('writes no secret, wherever in a line it stands', () => {
    const text = linesOf(`
      const log = createLog({ base: {} })
      log.warn({ password: 'hunter2', nested: { apiKey: 'hunter3' }, headers: { authorization: 'Bearer hunter4hunter4' } }, 'one')
      log.error({ err: new Error('postgres://me:hunter5@db/x refused') }, 'two: Authorization: Bearer hunter6hunter6')
      log.info({ token: 7, leaseToken: 8 }, 'three')`).join('\n')
    expect(text).not.toMatch(/hunter\d/)
    expect(text).toContain('"token":7,"leaseToken":8')
    expect(text).toContain('postgres://me:[redacted]@db/x')
  })
})

test('a private key is blanked up to its end', () => {
  expect(redacted('a -----BEGIN RSA PRIVATE KEY-----\\nMIIB\\n-----END RSA PRIVATE KEY----- b')).toBe(
    'a [redacted] b',
  )
})

test('at a terminal a line is one that a person reads', () => {
  const line = JSON.stringify({
    level: 'warn',
    time: '2026-11-28T12:04:11.000Z',
    process: 'worker',
    pid: 1,
    uid: 'svc_1',
    msg: 'it waits',
  })
  expect(readable(line)).toBe('12:04:11  warn   worker  it waits  uid=svc_1\n')
  expect(readable('no json')).toBe('no json')
})
