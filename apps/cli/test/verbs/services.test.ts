import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { build, ended, free, hold, unfriendly } from './command-line.ts'
import { answering, onePlane, untilStatus } from './running-plane.ts'

const plane = onePlane()

describe('a service from the command line', () => {
  it('a change starts one plane in the background, and the service comes up', async () => {
    const { code, stdout, stderr } = await plane.serve('hello', answering)
    expect(stderr).toContain(`no control plane on ${plane.root}: starting one in the background`)
    expect(stderr).toMatch(/replica 1 {2}READY/)
    expect(stderr).not.toMatch(unfriendly)
    expect(stdout).toMatch(/^ready {2}hello {2}http:\/\/127\.0\.0\.1:3\d{4}\n$/)
    expect(code).toBe(0)
  })

  it('serve up with the same YAML again changes nothing; with another one it is refused', async () => {
    const again = await plane.serve('hello', answering)
    expect([again.code, again.stderr]).toEqual([
      0,
      'serve   hello is running with this YAML already; nothing was changed.\n',
    ])
    const other = await plane.serve('hello', `${answering} # changed`)
    expect(other.stderr).toContain('A service named hello is running with a different YAML: run.')
    expect(other.stderr).toContain('`npx skykeep serve update hello FILE`')
    expect([other.code, other.stdout]).toEqual([1, ''])
  })

  it('serve status --json has the documented shape', async () => {
    const endpoint: unknown = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await plane.json('serve', 'status', 'hello')).toMatchObject({
      name: 'hello',
      status: 'READY',
      endpoint,
      versions: [{ version: 1, createdBy: expect.any(String) }],
      target: 1,
      replicas: [
        {
          id: 1,
          status: 'READY',
          version: 1,
          infra: 'local',
          endpoint: expect.stringMatching(/^127\.0\.0\.1:2\d{4}$/),
          notReadyReason: null,
          takenOut: null,
          pid: expect.any(Number),
        },
      ],
    })
    expect(await plane.json('serve', 'status')).toMatchObject([{ name: 'hello', status: 'READY' }])
    expect(await plane.json('status')).toMatchObject({ problems: [], serviceList: [{ name: 'hello' }] })
  })

  it('system status --json has the documented shape', async () => {
    expect(await plane.json('system', 'status')).toMatchObject({
      persistentPath: plane.root,
      database: { kind: 'sqlite', location: path.join(plane.root, 'state.db') },
      processes: expect.arrayContaining(
        ['supervisor', 'web', 'worker', 'gateway-0', 'gateway-1'].map((name) =>
          expect.objectContaining({
            name,
            pid: expect.any(Number),
            port: name === 'web' ? plane.webPort : null,
            state: 'running',
          }),
        ),
      ),
    })
  })

  it('ops, one operation, events, login, state where and doctor: for people and as JSON', async () => {
    const operations = (await plane.json('ops')) as readonly { readonly uid: string }[]
    const uid = operations.at(-1)?.uid ?? ''
    expect(await plane.json('ops', uid)).toMatchObject({ uid, verb: 'serve.up', status: 'SUCCEEDED' })
    expect(await plane.json('events', '--service', 'hello', '--limit', '3')).toHaveLength(3)
    expect(await plane.json('login')).toMatchObject({
      url: expect.stringContaining(`http://127.0.0.1:${plane.webPort}/sign-in#`),
    })
    expect(await plane.json('state', 'where')).toMatchObject({ holder: { pid: expect.any(Number) } })
    expect(await plane.json('state', 'doctor')).not.toContainEqual(
      expect.objectContaining({ status: 'fail' }),
    )
    for (const args of [
      ['ops'],
      ['ops', uid],
      ['events'],
      ['status'],
      ['serve', 'status', 'hello'],
      ['system', 'status'],
    ]) {
      const { code, stdout, stderr } = await plane.run(args)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).not.toMatch(unfriendly)
    }
  })

  it.each(['nope', 'A B', '../x', "it's", 'ÖK', '', 'a'.repeat(300), '$(id)'])(
    'a name that is none: %j',
    async (name) => {
      for (const verb of ['status', 'logs', 'down']) {
        const { code, stdout, stderr } = await plane.run(['serve', verb, name])
        expect(stderr).not.toMatch(unfriendly)
        expect([code, stdout]).toEqual([name.length >= 1 && name.length <= 128 ? 4 : 2, ''])
      }
    },
  )

  it('a replica or an operation that is not there: 4, and what there is', async () => {
    const replica = await plane.run(['serve', 'logs', 'hello', '9'])
    expect([replica.code, replica.stderr]).toEqual([
      4,
      'error: hello has no replica 9\n       Its replicas are 1.\n',
    ])
    const operation = await plane.run(['ops', 'op_none'])
    expect([operation.code, operation.stderr]).toEqual([
      4,
      'error: There is no such operation.\n       Run `npx skykeep ops` to see the operations that there are.\n',
    ])
    const none = await plane.run(['events', '--service', 'none'])
    expect([none.code, none.stderr]).toEqual([0, 'No events of a service named none yet.\n'])
  })

  it('events of some types only; a type that is none is refused with what is near', async () => {
    const typed = await plane.json('events', '--type', 'status.changed,replica.created', '--limit', '200')
    const types = (typed as readonly { readonly type: string }[]).map(({ type }) => type)
    expect([...new Set(types)].toSorted()).toEqual(['replica.created', 'status.changed'])
    const none = await plane.run(['events', '--type', 'state.moved'])
    expect([none.code, none.stderr]).toEqual([0, 'No events of type state.moved yet.\n'])
    const wrong = await plane.run(['events', '--type', 'status.changed,scaled'])
    expect([wrong.code, wrong.stdout]).toEqual([2, ''])
    expect(wrong.stderr).toContain(
      "option '--type <event-types>' argument 'status.changed,scaled' is invalid.",
    )
    expect(wrong.stderr).toContain('There is no event type "scaled"; did you mean service.scaled?')
    expect(wrong.stderr).not.toMatch(unfriendly)
  })

  it('a reader that closes early is no failure', async () => {
    const shell = `"${build}/node" "${build}/cli.mjs" events --limit 200 | head -1`
    const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', shell], { env: plane.env })
    expect([status, stderr.toString()]).toEqual([0, ''])
    expect(stdout.toString().split('\n')).toHaveLength(2)
  })

  it('fits a terminal of 60 columns, in colour unless NO_COLOR is set', async () => {
    const cells = async (env: Record<string, string>): Promise<string> => {
      const command = `stty cols 60; "${build}/node" "${build}/cli.mjs" serve status`
      const child = spawn('script', ['-qec', command, '/dev/null'], {
        env: { ...plane.env, ...env, TERM: 'xterm' },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      return (await ended(child)).stdout
    }
    const coloured = await cells({})
    expect(coloured).toContain('\u001B[32mREADY')
    const plain = await cells({ NO_COLOR: '1' })
    expect(plain).not.toContain('\u001B[')
    for (const row of plain.split('\r\n')) expect(row.length, row).toBeLessThanOrEqual(60)
  })
})

describe('logs from the command line', () => {
  it('of a living replica, of a dead one, its end, and as JSON; --follow ends with the replica', async () => {
    expect((await plane.run(['serve', 'logs', 'hello'])).stdout).toContain('hello from 1\n')
    await plane.serve('short', 'echo one; sleep 3; echo two\nexit 3', { args: ['--async'] })
    await untilStatus(plane, 'short', ({ replicas }) => replicas.some(({ status }) => status === 'STARTING'))
    const followed = await plane.run(['serve', 'logs', 'short', '1', '--follow'])
    expect([followed.code, followed.stdout]).toEqual([0, 'one\ntwo\n'])
    await untilStatus(plane, 'short', ({ replicas }) =>
      replicas.some(({ id, status }) => id === 1 && status === 'TERMINATED'),
    )
    const dead = await plane.run(['serve', 'logs', 'short', '1'])
    expect([dead.code, dead.stdout]).toEqual([0, 'one\ntwo\n'])
    expect((await plane.run(['serve', 'logs', 'short', '1', '--tail-bytes', '4'])).stdout).toBe('two\n')
    expect(await plane.json('serve', 'logs', 'short', '1')).toMatchObject({
      service: 'short',
      replica: 1,
      text: 'one\ntwo\n',
      isEnded: true,
    })
    const lines = (await plane.run(['serve', 'logs', 'short', '1', '--follow', '--json'])).stdout
    expect(JSON.parse(lines.split('\n')[0] ?? '')).toMatchObject({ text: 'one\ntwo\n' })
    expect((await plane.run(['serve', 'down', 'short'])).code).toBe(0)
  })
})

describe('a service that cannot start', () => {
  it.each([
    {
      name: 'exits',
      run: 'echo loading; echo "no such model" >&2; exit 1',
      yaml: '',
      outcome: 'FAILED',
      reason: /run exited with 1; its last line: no such model/,
    },
    {
      name: 'no-setup',
      run: 'sleep 100',
      yaml: 'setup: |\n  echo installing\n  no-such-installer\n',
      outcome: 'FAILED_SETUP',
      reason: /setup exited with 127; its last line: .*no-such-installer: .*not found/,
    },
  ])(
    '$name: serve up ends with 1, the reason, the last line and how to see the log',
    async ({ name, run, yaml, outcome, reason }) => {
      const { code, stdout, stderr } = await plane.serve(name, run, { yaml })
      expect(stderr).toMatch(new RegExp(`^error: ${name}: .*${reason.source}`, 'm'))
      const hint = /`npx skykeep (serve logs \S+ \d+)`/.exec(stderr)?.[1] ?? ''
      expect(stderr).toContain(`\`npx skykeep serve down ${name}\``)
      expect(stderr).not.toMatch(unfriendly)
      expect([code, stdout]).toEqual([1, ''])
      expect((await plane.run(hint.split(' '))).stdout).toMatch(/loading|installing/)
      const { replicas } = await untilStatus(plane, name, ({ status }) => status === 'FAILED')
      expect(replicas.find((replica) => replica.outcome === outcome)?.notReadyReason).toMatch(reason)
      expect((await plane.run(['status'])).stdout).toMatch(new RegExp(`problem {2}${name}: FAILED`))
      expect((await plane.run(['serve', 'down', name])).code).toBe(0)
    },
  )

  it('a probe that never succeeds: the last answer is the reason; Ctrl-C ends only the waiting', async () => {
    const file = plane.write(
      'never.yaml',
      `name: never\nrun: |\n  ${answering.replace('\n', '\n  ')}\nservice:\n  readiness_probe:\n    path: /none\n    initial_delay_seconds: 3\n    endpoint_probe_interval_seconds: 1\n  replicas: 1\n`,
    )
    const interrupted = await plane.run(['serve', 'up', file], { interruptAfter: '/none answered 404' })
    expect(interrupted.stderr).toContain('stopped waiting: serve up of never goes on: `npx skykeep ops op_')
    expect(interrupted.code).toBe(130)
    const { replicas } = await untilStatus(plane, 'never', ({ status }) => status === 'FAILED')
    expect(replicas.some(({ outcome }) => outcome === 'FAILED_INITIAL_DELAY')).toBe(true)
    expect((await plane.run(['serve', 'status', 'never'])).stdout).toMatch(
      /not ready within 3 s of its start: \/none answered 404/,
    )
    expect((await plane.run(['serve', 'down', 'never'])).code).toBe(0)
  })
})

describe('an endpoint', () => {
  it('passes by a port that another program holds', async () => {
    const { port: last } = await serveOn('first')
    const server = await hold(last + 1)
    const { port } = await serveOn('second')
    expect(port).toBeGreaterThan(last + 1)
    if (server !== null) await free(server)
    for (const name of ['first', 'second']) expect((await plane.run(['serve', 'down', name])).code).toBe(0)
  })

  it('invariant 16: whose port another program took is BLOCKED for all to see, and opens by itself when it is freed', async () => {
    const { port, stdout } = await serveOn('blocked')
    await plane.run(['stop'])
    const server = await until('the port is free', async () => (await hold(port)) ?? false)
    const again = await plane.serve('blocked', answering)
    const why = `another program holds port ${port} (EADDRINUSE)`
    const { replicas } = await untilStatus(
      plane,
      'blocked',
      ({ endpointStatus }) => endpointStatus === 'BLOCKED',
    )
    expect(replicas).toMatchObject([{ id: 1, status: 'READY' }])
    expect((await plane.run(['serve', 'status', 'blocked'])).stdout).toContain(`BLOCKED: ${why}`)
    expect((await plane.run(['serve', 'status'])).stdout).toContain(`endpoint BLOCKED: ${why}`)
    expect((await plane.run(['status'])).stdout).toContain(`blocked: port ${port} is held by something else`)
    expect([again.code, again.stdout]).toEqual([0, `up  blocked  http://127.0.0.1:${port}\n`])
    await free(server)
    await untilStatus(plane, 'blocked', ({ endpointStatus }) => endpointStatus === 'OPEN')
    expect((await plane.serve('blocked', answering)).stdout).toBe(stdout)
    expect((await plane.run(['serve', 'down', 'blocked'])).code).toBe(0)
  })

  async function serveOn(name: string): Promise<{ readonly port: number; readonly stdout: string }> {
    const { stdout } = await plane.serve(name, answering)
    return { stdout, port: Number(/:(\d+)\n$/.exec(stdout)?.[1]) }
  }
})

describe('a working folder', () => {
  it('is sent without what .skyignore names, which is said; a link out of it is refused and nothing starts', async () => {
    const folder = path.join(plane.folder, 'work')
    mkdirSync(folder)
    for (const name of ['page.txt', '@odd name', 'model.bin']) plane.write(`work/${name}`, name)
    plane.write('work/.skyignore', '*.bin\n')
    symlinkSync(path.join(folder, 'page.txt'), path.join(folder, 'absolute'))
    const up = await plane.serve('files', answering, { yaml: 'workdir: work\n' })
    expect(up.stderr).toContain(`workdir ${folder}  3 files, 23 B; left out by .skyignore: model.bin`)
    const { endpoint } = await untilStatus(plane, 'files', ({ status }) => status === 'READY')
    const answers = ['page.txt', 'absolute', '%40odd%20name', 'model.bin'].map(
      async (name) => (await fetch(`${endpoint}/${name}`)).status,
    )
    expect(await Promise.all(answers)).toEqual([200, 200, 200, 404])
    expect((await plane.run(['serve', 'down', 'files'])).code).toBe(0)

    symlinkSync('/etc/hostname', path.join(folder, 'outside'))
    const refused = await plane.serve('files', answering, { yaml: 'workdir: work\n' })
    expect(refused.stderr).toContain('workdir: outside is a link that leads out of the folder: /etc/hostname')
    expect([refused.code, refused.stdout]).toEqual([2, ''])
    rmSync(path.join(folder, 'outside'))
  })

  it('never sends the persistent path with it', async () => {
    const refused = await plane.serve('inside', answering, { yaml: `workdir: ${plane.root}\n` })
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('lies in the persistent path'),
    ])
    const up = await plane.serve('around', answering, { yaml: 'workdir: .\n' })
    expect(up.code, up.stderr).toBe(0)
    const { endpoint } = await untilStatus(plane, 'around', ({ status }) => status === 'READY')
    const found = [
      (await fetch(`${endpoint}/config.yaml`)).status,
      (await fetch(`${endpoint}/state/`)).status,
    ]
    expect(found).toEqual([200, 404])
    expect((await plane.run(['serve', 'down', 'around'])).code).toBe(0)
  })
})

describe('the end', () => {
  it('stop leaves the replicas running; the next change takes them up again; stop --services ends everything', async () => {
    const pidOf = async (): Promise<number> =>
      (await untilStatus(plane, 'hello', ({ status }) => status === 'READY')).replicas.find(
        ({ status }) => status === 'READY',
      )?.pid ?? 0
    const pid = await pidOf()
    const stopped = await plane.run(['stop'])
    expect([stopped.code, stopped.stdout]).toEqual([
      0,
      expect.stringContaining('Replicas go on without an address'),
    ])
    expect(process.kill(pid, 0)).toBe(true)
    expect((await plane.run(['serve', 'status'])).code).toBe(3)
    const up = await plane.serve('hello', answering)
    expect([up.code, up.stderr]).toEqual([0, expect.stringContaining('is running with this YAML already')])
    expect(await pidOf()).toBe(pid)
    const all = await plane.run(['stop', '--services'])
    expect([all.code, all.stdout]).toEqual([0, expect.stringContaining('stopped: every service')])
    await until('the replica is gone', () => !isAlive(pid))
    expect((await plane.run(['stop'])).stdout).toBe(`nothing of Skykeep runs on ${plane.root}\n`)
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
