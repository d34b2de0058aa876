import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { ended, free, hold, unfriendly } from './command-line.ts'
import { answering, RunningPlane } from './running-plane.ts'

let plane: RunningPlane
beforeEach(async () => {
  plane = new RunningPlane()
  await plane.prepare()
})
afterEach(async () => await plane.end())

/** Supervisors of this path, by what they were started with. */
function supervisors(): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const command = readFileOf(pid, 'cmdline')
      return (
        command.includes('\0up\0') &&
        readFileOf(pid, 'environ').includes(`SKYPILOT_PERSISTENT_PATH=${plane.root}\0`)
      )
    } catch {
      return false
    }
  })
}

describe('a port of the dashboard that another program holds', () => {
  it('is named with the fix, by up and by every verb, without a loop of crashes; freed, all goes on by itself', async () => {
    const server = await hold(plane.webPort)
    if (server === null) throw new Error('the port was taken')
    const why = `port ${plane.webPort} is held by another program`
    const up = await plane.serve('hello', answering)
    expect([up.code, up.stdout]).toEqual([3, ''])
    expect(up.stderr).toContain(why)
    expect(up.stderr).toContain(`web.port\` in ${plane.config}`)
    expect(up.stderr).not.toMatch(unfriendly)
    const read = await plane.run(['serve', 'status'])
    expect([read.code, read.stderr]).toEqual([3, expect.stringContaining(why)])
    const log = readLog()
    expect(log.match(/held by another program/g)).toHaveLength(1)
    expect(log).not.toMatch(/web: (died|exited)/)
    await free(server)
    const again = await plane.serve('hello', answering)
    expect([again.code, again.stderr]).toEqual([0, expect.not.stringContaining('starting one')])
  })
})

describe('several at once', () => {
  it('two npm start: one acts, the other says that it stands by; stop ends both', async () => {
    const both = [plane.start(['up']), plane.start(['up'])]
    const output = both.map((child) => {
      const lines = { text: '' }
      child.stderr?.on('data', (chunk: Buffer) => (lines.text += chunk.toString()))
      return lines
    })
    const ends = both.map(async (child) => await ended(child))
    await until('one stands by', () =>
      output.some(({ text }) => text.includes(`stands by: the control plane with pid`)),
    )
    await until(
      'the other one answers',
      async () => (await plane.run(['serve', 'status'])).code === 0,
      60_000,
    )
    const stopped = await plane.run(['stop'])
    expect([stopped.code, stopped.stdout]).toEqual([
      0,
      expect.stringContaining('stopped: gateway and control plane'),
    ])
    expect((await Promise.all(ends)).map(({ code }) => code)).toEqual([0, 0])
    expect(supervisors()).toEqual([])
    expect((await plane.run(['serve', 'status'])).code).toBe(3)
  })

  it('two changes at once start one plane, and leave none that stands by', async () => {
    const [one, two] = await Promise.all([plane.serve('one', answering), plane.serve('two', answering)])
    expect([one.code, two.code], `${one.stderr}${two.stderr}`).toEqual([0, 0])
    await until('one supervisor is left', () => supervisors().length === 1)
  })
})

function readFileOf(pid: string, name: string): string {
  return readFileSync(path.join('/proc', pid, name), 'utf8')
}

function readLog(): string {
  return readFileSync(path.join(plane.root, 'logs', 'processes', 'supervisor.log'), 'utf8')
}
