import { spawn } from 'node:child_process'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestPlane, type CliResult } from '@skykeep/testing/plane'

const examples = path.resolve(import.meta.dirname, '../../../examples/api')
const build =
  process.env['SKYKEEP_TEST_BUILD'] ?? path.resolve(import.meta.dirname, '../../../.build/current')

let plane: TestPlane
let origin: string
let token: string

beforeAll(async () => {
  plane = await TestPlane.create({ build })
  plane.up()
  await plane.untilActive()
  origin = `http://127.0.0.1:${plane.webPort}`
  token = (await plane.cli('token', 'create', 'examples')).stdout.trim()
})
afterAll(() => plane.destroy())

function run(command: string, ...args: readonly string[]): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, SKYKEEP: origin, TOKEN: token },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }))
  })
}

it('the example of curl lives the life of a service', async () => {
  const { code, stdout, stderr } = await run('sh', path.join(examples, 'curl.sh'))
  expect([code, stderr], stdout).toEqual([0, ''])
  expect(stdout.match(/^(?:Hello|Good morning)$/gm)).toEqual(['Hello', 'Good morning', 'Hello'])
  expect(stdout).toContain('nothing of api-example is left')
})

it('the example of Python lives the life of a service', async () => {
  const { code, stdout, stderr } = await run('python3', path.join(examples, 'client.py'))
  expect([code, stderr], stdout).toEqual([0, ''])
  expect(stdout.match(/says: .*/g)).toEqual(['says: Hello', 'says: Good morning', 'says: Hello'])
  expect(stdout).toContain('nothing of api-python is left')
})

it('a token that was revoked is refused, and its stream ends', async () => {
  const stream = await fetch(`${origin}/api/v1/watch`, { headers: { authorization: `Bearer ${token}` } })
  expect((await plane.cli('token', 'revoke', 'examples')).stdout).toBe('revoked  examples\n')
  const refused = await fetch(`${origin}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })
  expect([refused.status, await refused.json()]).toEqual([
    401,
    expect.objectContaining({ code: 'UNAUTHENTICATED' }),
  ])
  const text = await stream.text()
  expect(text).toMatch(/event: error\ndata: .*"code":"UNAUTHENTICATED"/)
  const listed = await plane.cli('token', 'list')
  expect(listed.stdout).toMatch(/^examples +revoked/m)
})
