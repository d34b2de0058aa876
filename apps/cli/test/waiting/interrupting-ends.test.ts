import { readFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { build, ended, unfriendly, type Result } from '../verbs/command-line.ts'
import { answering, onePlane, untilStatus } from '../verbs/running-plane.ts'

const plane = onePlane()

/** Answers at once, but for `/slow`, which never ends. */
const slowly = `exec "${build}/node" -e 'require("node:http").createServer((request, response) => request.url === "/slow" ? response.write("first") : response.end("hello")).listen(process.env.PORT, "127.0.0.1")'`

/** Starts a verb, and sends it Ctrl-C once that holds. */
async function interruptOnce(args: readonly string[], holds: () => Promise<boolean>): Promise<Result> {
  const child = plane.start(args)
  const end = ended(child)
  await until(`the moment for Ctrl-C of ${args.join(' ')}`, holds, 60_000)
  child.kill('SIGINT')
  const result = await end
  expect(result.stderr).not.toMatch(unfriendly)
  return result
}

const pidOf = async (name: string): Promise<number> => {
  const { processes } = (await plane.json('system', 'status')) as {
    readonly processes: readonly { readonly name: string; readonly pid: number }[]
  }
  return processes.find((each) => each.name === name)?.pid ?? 0
}

describe('Ctrl-C of what ends or changes parts of the plane says what goes on and how to look, and exits with 130', () => {
  it('a second Ctrl-C in a drill ends at once: the load has stopped, and the drill is listed', async () => {
    const up = await plane.serve('drilled', slowly)
    expect(up.code, up.stderr).toBe(0)
    const web = await pidOf('web')
    const child = plane.start(['drill', 'drilled', '--kill', 'worker', '--rate', '20', '--seconds', '60'])
    const end = ended(child)
    let said = ''
    child.stderr?.on('data', (text: Buffer) => (said += text.toString()))
    await until('its load', () => said.includes('of load before the death'))
    // What it would write down now waits for an answer.
    process.kill(web, 'SIGSTOP')
    child.kill('SIGINT')
    await until('the first word', () => said.includes('(again to end at once)'))
    child.kill('SIGINT')
    const { code, stderr } = await end
    process.kill(web, 'SIGCONT')
    expect([code, stderr]).toEqual([
      130,
      expect.stringContaining(
        'ended at once: the load has stopped, and nothing more is killed. drilled goes on; what was killed comes back by itself (`npx skykeep system status`).\nThe drill is listed as running, and as lost after a minute: `npx skykeep drill drilled --list`.\n',
      ),
    ])
    expect(stderr).not.toMatch(unfriendly)
    await untilStatus(plane, 'drilled', ({ status }) => status === 'READY')
    // What it had sent before it ended may still be read, and then says how far it came.
    expect(await plane.json('drill', 'drilled', '--list')).toMatchObject([
      { target: 'worker', status: expect.stringMatching(/^(?:RUNNING|FAILED)$/) },
    ])
  })

  it('stop: what was asked to stop stops, and the same verb ends the rest; replicas go on all the while', async () => {
    const before = await untilStatus(plane, 'drilled', ({ status }) => status === 'READY')
    const leave = new AbortController()
    // The gateway waits for this one.
    await fetch(`${before.endpoint}/slow`, { signal: leave.signal })
    const stopped = await interruptOnce(['stop', '--grace', '20'], async () => {
      // A supervisor that stops has ended its web server.
      return await fetch(`http://127.0.0.1:${plane.webPort}/healthz`).then(
        () => false,
        () => true,
      )
    })
    expect([stopped.code, stopped.stdout, stopped.stderr]).toEqual([
      130,
      '',
      '\nstopped waiting: whatever was asked to stop stops; nothing more is asked. To stop the rest: `npx skykeep stop`.\n',
    ])
    leave.abort()
    expect((await plane.run(['stop'])).code).toBe(0)
    expect((await plane.run(['system', 'status'])).code).toBe(3)
    const again = await plane.serve('drilled', slowly)
    expect(again.code, again.stderr).toBe(0)
    const after = await untilStatus(plane, 'drilled', ({ status }) => status === 'READY')
    expect(after.replicas.map(({ pid }) => pid)).toEqual(before.replicas.map(({ pid }) => pid))
  })

  it('state rotate-key: both keys are kept, no secret is lost, and the same verb goes on with it', async () => {
    const more = { yaml: 'secrets:\n  TOKEN: null\n', args: ['--secret', 'TOKEN=0123456789'] }
    const sealed = await plane.serve('sealed', `echo "token of length \${#TOKEN}"\n${answering}`, more)
    expect(sealed.code, sealed.stderr).toBe(0)
    const keys = (): string => readFileSync(path.join(plane.root, 'keys', 'master.key'), 'utf8')
    const database = new DatabaseSync(path.join(plane.root, 'state.db'))
    // Nobody else writes: the rotation waits between the new key and the first secret.
    database.exec('PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE')
    const interrupted = await interruptOnce(['state', 'rotate-key'], () =>
      Promise.resolve(keys().startsWith('v2:')),
    ).finally(() => {
      database.exec('ROLLBACK')
      database.close()
    })
    expect([interrupted.code, interrupted.stdout, interrupted.stderr]).toEqual([
      130,
      '',
      '\nstopped waiting: the rotation may not have come to its end; no secret is lost, and both keys are kept. To go on with it: `npx skykeep state rotate-key`.\n',
    ])
    expect(keys()).toMatch(/^v2:.+\nv1:/)
    const resumed = await plane.json('state', 'rotate-key')
    expect(resumed).toMatchObject({ version: 2, secrets: 1, encrypted: 1, wasResumed: true })
    expect(keys()).toMatch(/^v2:.+\nv1:/)
    expect((await plane.run(['state', 'doctor'])).code).toBe(0)
  })
})
