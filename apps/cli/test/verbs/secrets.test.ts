import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { answering, onePlane, untilStatus } from './running-plane.ts'

const plane = onePlane()
const canary = 'canary-9f3b61c07d'
const forms = [canary, Buffer.from(canary).toString('base64'), Buffer.from(canary).toString('hex')]

/** Files under the persistent path that hold the secret, in any form. The disk reserve holds nothing. */
function holders(): readonly string[] {
  return readdirSync(plane.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'reserve')
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => holdsSecret(file))
}

function holdsSecret(file: string): boolean {
  try {
    const content = readFileSync(file)
    return forms.some((form) => content.includes(form))
  } catch {
    // Gone meanwhile.
    return false
  }
}

/** Processes of this machine that show the secret to everybody: on their command line. */
function showers(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => holdsSecret(`/proc/${pid}/cmdline`))
}

describe('a secret', () => {
  it('is in the job’s environment and nowhere else: no log, no event, no command line, no answer, no file', async () => {
    const run = `test "$TOKEN" = ${[...canary].map((letter) => `"${letter}"`).join('')} && echo same\n${answering}`
    const file = plane.serviceFile('sealed', run, 'secrets:\n  TOKEN: null\n')
    const waiting = plane.run(['serve', 'up', file, '--secret', 'TOKEN'], { env: { TOKEN: canary } })
    const seen = new Set<string>()
    let isUp = false
    void waiting.finally(() => (isUp = true))
    await until(
      'the end of serve up',
      () => {
        for (const pid of showers()) seen.add(pid)
        return isUp
      },
      60_000,
    )
    const up = await waiting
    expect(up.code, up.stderr).toBe(0)
    expect([...seen]).toEqual([])

    await untilStatus(plane, 'sealed', ({ status }) => status === 'READY')
    expect((await plane.run(['serve', 'logs', 'sealed'])).stdout).toMatch(/^same\n/)
    const written = [up.stdout, up.stderr]
    for (const args of [
      ['serve', 'status', 'sealed'],
      ['serve', 'status'],
      ['serve', 'logs', 'sealed'],
      ['status'],
      ['ops'],
      ['events', '--limit', '200'],
      ['system', 'status'],
      ['state', 'doctor'],
    ])
      for (const more of [[], ['--json']]) written.push((await plane.run([...args, ...more])).stdout)
    for (const text of written) for (const form of forms) expect(text).not.toContain(form)

    for (const file of holders()) {
      expect(path.relative(plane.root, file)).toMatch(/^local\/n-[0-9a-z]+\/\.skykeep\/jobs\//)
      expect(statSync(file).mode & 0o777).toBe(0o600)
    }
  })

  it('is shown by no error either, whatever is wrong with the YAML around it', async () => {
    const wrong = [
      `secrets:\n  TOKEN: ${canary}\n  TOKEN: ${canary}\n`,
      `secrets:\n  - ${canary}\n`,
      `secrets: ${canary}\n`,
      `secrets:\n  TOKEN: ${canary}\n resources: x\n`,
      `secrets:\n  1TOKEN: ${canary}\n`,
      `secrets:\n  TOKEN: [${canary}]\n`,
    ]
    for (const yaml of wrong) {
      const { code, stdout, stderr } = await plane.serve('leaky', answering, { yaml })
      expect([code, stdout]).toEqual([2, ''])
      for (const form of forms) expect(stderr).not.toContain(form)
    }
    const { code, stderr } = await plane.serve('sealed', answering, { args: ['--secret', `TOKEN=${canary}`] })
    expect(code).toBe(1)
    expect(stderr).not.toContain(canary)
  })

  it('is gone with the service, also from the nodes', async () => {
    expect((await plane.run(['serve', 'down', 'sealed'])).code).toBe(0)
    expect(holders()).toEqual([])
  })
})
