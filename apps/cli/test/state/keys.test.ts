import { readFileSync, renameSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { answering, onePlane, untilStatus, type StatusJson } from '../verbs/running-plane.ts'

const plane = onePlane()
const keyFile = (): string => path.join(plane.root, 'keys', 'master.key')

/** A service whose replica says what it was given: only a hash of it, so that no log holds a secret. */
const withSecret = `test -n "$TOKEN" && echo "token of length \${#TOKEN}"\n${answering}`

function readyPid({ replicas }: StatusJson): number | undefined {
  return replicas.find(({ status }) => status === 'READY')?.pid ?? undefined
}

/** Kills the one ready replica, and waits until another one serves. */
async function replaced(name: string): Promise<StatusJson> {
  const old = readyPid(await untilStatus(plane, name, (status) => readyPid(status) !== undefined))
  if (old === undefined) throw new Error(`${name} has no ready replica`)
  process.kill(old, 'SIGKILL')
  return await untilStatus(plane, name, (status) => ![undefined, old].includes(readyPid(status)))
}

describe('the master key', () => {
  it('is rotated while a plane runs, and the next replica opens its secrets with the new one', async () => {
    const open = await plane.serve('open', answering)
    expect(open.code, open.stderr).toBe(0)
    const more = { yaml: 'secrets:\n  TOKEN: null\n', args: ['--secret', 'TOKEN=0123456789'] }
    const sealed = await plane.serve('sealed', withSecret, more)
    expect(sealed.code, sealed.stderr).toBe(0)
    expect(await plane.json('state', 'rotate-key')).toMatchObject({ version: 2, secrets: 1, encrypted: 1 })
    expect(readFileSync(keyFile(), 'utf8')).toMatch(/^v2:.+\nv1:/)
    await replaced('sealed')
    expect((await plane.run(['serve', 'logs', 'sealed'])).stdout).toContain('token of length 10')
    const events = await plane.run(['events', '--json', '--limit', '200'])
    expect(events.stdout).toContain('key.rotated')
  })

  it('lost stops only what needs a secret, by name, and all goes on when it is back', async () => {
    renameSync(keyFile(), `${keyFile()}.away`)
    await replaced('open')
    const before = readyPid(await untilStatus(plane, 'sealed', (status) => readyPid(status) !== undefined))
    if (before === undefined) throw new Error('no ready replica')
    process.kill(before, 'SIGKILL')
    const reason = await until('the service with a secret says what it lacks', async () => {
      const { stdout } = await plane.run(['serve', 'status', 'sealed', '--json'])
      return /[^"]*master\.key[^"]*/.exec(stdout)?.[0]
    })
    expect(reason).toContain('cannot be read')
    const doctor = await plane.run(['state', 'doctor'])
    expect(doctor.code).toBe(1)
    expect(doctor.stdout).toMatch(/fail +master key/)
    expect((await plane.run(['serve', 'status', 'open'])).code).toBe(0)
    renameSync(`${keyFile()}.away`, keyFile())
    await untilStatus(plane, 'sealed', (status) => ![undefined, before].includes(readyPid(status)))
  })
})
