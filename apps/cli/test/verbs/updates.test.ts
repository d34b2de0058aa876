import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { unfriendly, type Result } from './command-line.ts'
import { answeringWith, onePlane, untilStatus } from './running-plane.ts'

const plane = onePlane()

/** Writes the YAML of the service anew and updates it. */
async function update(run: string, ...args: readonly string[]): Promise<Result> {
  return await plane.run(['serve', 'update', 'page', fileOf(run), ...args])
}

function fileOf(run: string, more = ''): string {
  return plane.serviceFile('page', run, more)
}

async function answer(): Promise<string> {
  const endpoint = (await plane.run(['serve', 'status', 'page', '--endpoint'])).stdout.trim()
  return await (await fetch(endpoint)).text()
}

const living = async (): Promise<readonly number[]> =>
  (await untilStatus(plane, 'page', ({ status }) => status === 'READY')).replicas
    .filter(({ status }) => status === 'READY')
    .map(({ id }) => id)

describe('an update from the command line', () => {
  it('shows what is different, line by line and by its meaning, and changes nothing with --diff-only', async () => {
    expect((await plane.serve('page', answeringWith('one'))).code).toBe(0)
    const { code, stdout, stderr } = await update(answeringWith('two'), '--diff-only')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^--- version 1\n\+\+\+ the new version\n@@ .* @@\n/)
    expect(stdout).toMatch(/^\+ .*two/m)
    expect(stdout).toMatch(/^run +replaced +".*→ ".*$/m)
    expect(stdout).toMatch(/^page {2}replaces 1 replica, rolling$/m)
    expect(
      await plane.json('serve', 'update', 'page', fileOf(answeringWith('two')), '--diff-only'),
    ).toMatchObject({
      fromVersion: 1,
      isDifferent: true,
      keepsReplicas: false,
      keptReplicas: 0,
      replacedReplicas: 1,
      mode: 'rolling',
      changes: [{ path: 'run', replacesReplicas: true }],
    })
    expect(await answer()).toBe('one')
  })

  it('rolls the new version out, with its progress; the same YAML again changes nothing', async () => {
    const { code, stdout, stderr } = await update(answeringWith('two'))
    expect(stdout).toMatch(/^updated {2}page {2}version 1 to 2, rolling$/m)
    expect(stderr).toMatch(/rollout {4}PROGRESSING/)
    expect(stderr).toMatch(/version 1: \d of \d ready, version 2: \d of \d ready/)
    expect(`${stdout}${stderr}`).not.toMatch(unfriendly)
    expect(code).toBe(0)
    expect(await answer()).toBe('two')
    const again = await update(answeringWith('two'))
    expect([again.code, again.stderr]).toEqual([
      0,
      'Nothing is different from version 2: nothing was changed.\n',
    ])
    expect(await plane.json('serve', 'update', 'page', fileOf(answeringWith('two')))).toMatchObject({
      operationUid: null,
      toVersion: 2,
    })
  })

  it('keeps the replicas where only settings of the service change', async () => {
    const before = await living()
    const file = fileOf(answeringWith('two')).toString()
    const yaml = readFileSync(file, 'utf8').replace(
      'replicas: 1',
      'replicas: 1\n  load_balancing_policy: round_robin',
    )
    const updated = await plane.run(['serve', 'update', 'page', plane.write('settings.yaml', yaml)])
    expect(updated.stdout).toMatch(/^service\.load_balancing_policy +kept +"least_load" → "round_robin"$/m)
    expect(updated.stdout).toMatch(/^page {2}keeps all 1 replica$/m)
    expect(updated.code).toBe(0)
    expect(await living()).toEqual(before)
    expect(await plane.json('serve', 'status', 'page')).toMatchObject({
      version: 3,
      versions: [
        { version: 3, taskVersion: 2 },
        { version: 2, taskVersion: 2 },
        { version: 1, taskVersion: 1 },
      ],
    })
  })

  it('of a version that never gets ready is rolled back, says why, and what answered goes on answering', async () => {
    const before = await living()
    const { code, stdout, stderr } = await update('echo no such model; sleep 600', '--deadline', '15')
    expect(code).toBe(1)
    expect(stdout).not.toContain('updated')
    expect(stderr).toMatch(/^error: page: version 4 made no progress for 15 s/m)
    const hint = /`npx skykeep (serve logs page \d+)`/.exec(stderr)?.[1] ?? ''
    expect((await plane.run(hint.split(' '))).stdout).toBe('no such model\n')
    expect(await answer()).toBe('two')
    expect(await living()).toEqual(before)
    const history = await plane.run(['serve', 'history', 'page'])
    expect(history.stdout).toMatch(/^4 +4 .* wanted, failed$/m)
    expect(history.stdout).toMatch(/^3 +2 .* current, stable$/m)
    expect(history.stdout).toMatch(/^3 → 4 +rolling +ROLLED_BACK .*made no progress/m)
  })

  it('serve rollback goes back with the version’s own files, and says so; history compares two versions', async () => {
    const { code, stdout } = await plane.run(['serve', 'rollback', 'page', '--to', '1'])
    expect([code, stdout]).toEqual([0, 'updated  page  version 3 to 1, rolling\n'])
    expect(await answer()).toBe('one')
    const compared = await plane.run(['serve', 'history', 'page', '--diff', '1', '3'])
    expect(compared.stdout).toMatch(/^--- version 1\n\+\+\+ version 3\n/)
    expect(compared.stdout).toMatch(/^page {2}replicas of version 1 and version 3 are not interchangeable$/m)
    expect(await plane.json('serve', 'history', 'page')).toMatchObject({
      targetVersion: 1,
      desiredVersion: 1,
      versions: [
        { version: 4, status: 'failed' },
        { version: 3 },
        { version: 2 },
        { version: 1, status: 'current, stable' },
      ],
    })
  })

  it('is refused by name: another name in the YAML, no such service, version, file, steps that fall', async () => {
    const other = plane.serviceFile('other', answeringWith('x'))
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['update', 'page', other], 2, /The YAML says `name: other`, and the service to update is page\./],
      [['update', 'none', other], 4, /There is no service named none\./],
      [['status', 'pgae'], 4, /Did you mean page\? Run `npx skykeep serve status`/],
      [['rollout', 'page', '--hold'], 1, /page has no rollout under way, so there is nothing to hold\./],
      [['rollout', 'page', '--hold', '--continue'], 2, /`--hold` and `--continue` exclude each other/],
      [['update', 'page', 'nofile.yaml'], 2, /nofile\.yaml: no such file/],
      [['update', 'page', other, '--mode', 'sideways'], 2, /choices/i],
      [['update', 'page', other, '--canary-steps', '50,10'], 2, /rising percents/],
      [['rollback', 'page', '--to', '9'], 4, /page has no version 9\./],
      [['rollback', 'page'], 1, /page has no version before 1 to go back to\./],
      [['history', 'none'], 4, /There is no service named none\./],
      [['history', 'page', '--diff', '1'], 2, /not two versions/],
      [['down', 'page', '--purge'], 2, /--purge is not needed/],
      [['down', 'page', '--replica-id', '99'], 4, /page has no replica 99\./],
      [['schedule', 'page', '--off', 'someday 20:00-07:00'], 2, /names no days/],
      [['schedule', 'page', '--replicas', '1'], 2, /need `--off`/],
      [
        ['schedule', 'page', '--off', '20:00-07:00', '--time-zone', 'Europe/Berlyn'],
        2,
        /Did you mean Europe\/Berlin/,
      ],
      [['logs', 'page', '--since', 'yesterday'], 2, /--since "yesterday": not a time/],
      [['logs', 'page', '1', '--all'], 2, /Name replicas, or give `--all`/],
    ]
    for (const [args, code, message] of cases) {
      const refused = await plane.run(['serve', ...args])
      expect([args, refused.code, refused.stdout]).toEqual([args, code, ''])
      expect(refused.stderr).toMatch(message)
      expect(refused.stderr).not.toMatch(unfriendly)
    }
  })

  it('asks on a terminal unless --yes; no leaves everything as it is', async () => {
    const inTerminal = (typed: string, ...args: readonly string[]): string => {
      const line = plane.commandOf(['serve', 'update', 'page', fileOf(answeringWith('three')), ...args])
      return spawnSync('script', ['-qec', line, '/dev/null'], {
        env: plane.env,
        input: typed,
        encoding: 'utf8',
      }).stdout
    }
    expect(inTerminal('n\n')).toMatch(/Update page\? \[Y\/n\][^]*nothing was changed/)
    expect(await answer()).toBe('one')
    expect(inTerminal('', '--yes')).not.toContain('[Y/n]')
    expect(await answer()).toBe('three')
  }, 60_000)
})

describe('the life of a service', () => {
  it('pause ends every replica, the endpoint says so; resume brings it back on the same port', async () => {
    const { endpoint } = await untilStatus(plane, 'page', ({ status }) => status === 'READY')
    const paused = await plane.run(['serve', 'pause', 'page'])
    expect([paused.code, paused.stdout]).toEqual([0, 'paused  page\n'])
    const refused = await fetch(endpoint)
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('paused')])
    expect(await plane.json('serve', 'status', 'page')).toMatchObject({
      status: 'PAUSED',
      isPaused: true,
      target: 0,
    })
    expect((await plane.run(['serve', 'status', 'page'])).stdout).toContain(
      'until `npx skykeep serve resume page`',
    )
    const resumed = await plane.run(['serve', 'resume', 'page'])
    expect([resumed.code, resumed.stdout]).toEqual([0, 'resumed  page\n'])
    expect(await (await fetch(endpoint)).text()).toBe('three')
  })

  it('off-hours are set, shown with what comes next, and taken back', async () => {
    const off = ['--off', 'daily 00:00-24:00', '--time-zone', 'UTC', '--warm-up', '0']
    expect((await plane.run(['serve', 'schedule', 'page', ...off])).stdout).toBe('off-hours set:  page\n')
    await untilStatus(plane, 'page', ({ status }) => status === 'PAUSED')
    const shown = await plane.run(['serve', 'schedule', 'page'])
    expect(shown.stdout).toMatch(
      /^off-hours daily 00:00-00:00 {2}UTC, no replica, warm-up 0 min, set on the service\nnow +off /,
    )
    expect((await plane.run(['serve', 'schedule', 'page', '--clear'])).code).toBe(0)
    expect((await plane.run(['serve', 'schedule', 'page'])).stdout).toBe('off-hours none\n')
    expect((await plane.run(['serve', 'schedule', 'page', '--from-yaml'])).code).toBe(0)
    expect(await plane.json('serve', 'schedule', 'page')).toEqual({
      name: 'page',
      isPaused: false,
      schedule: null,
    })
    await untilStatus(plane, 'page', ({ status }) => status === 'READY')
  })

  it('one replica is ended by its number, and another one takes its place', async () => {
    const [id] = await living()
    const ended = await plane.run(['serve', 'down', 'page', '--replica-id', String(id)])
    expect([ended.code, ended.stdout]).toEqual([0, `replica ${id} is gone:  page\n`])
    const after = await until('another replica', async () => {
      const now = await living()
      return now.length === 1 && now
    })
    expect(after).not.toContain(id)
  })

  it('serve up NAME takes up a service whose control is gone, and says what it found', async () => {
    const before = await living()
    await plane.run(['stop'])
    const { code, stdout, stderr } = await plane.run(['serve', 'up', 'page'])
    expect(stderr).toContain('starting one in the background')
    expect(stderr).toContain(`found   1 of 1 replica running, adopted as they are: page-${before[0]}`)
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ready {2}page {2}http/)])
    expect(await living()).toEqual(before)
    const unknown = await plane.run(['serve', 'up', 'nobody'])
    expect([unknown.code, unknown.stderr]).toEqual([
      4,
      expect.stringContaining('There is no service named nobody.'),
    ])
  })
})

describe('logs by time', () => {
  it('of all replicas, those that are gone too, with their names before each line; since, until and the last ones', async () => {
    const all = await plane.run(['serve', 'logs', 'page', '--all'])
    expect(all.stderr).toBe('')
    expect(all.stdout).toMatch(/^page-1 \| hello from 1$/m)
    const ids = new Set([...all.stdout.matchAll(/^page-(\d+) \| /gm)].map(([, id]) => id))
    expect(ids.size).toBeGreaterThan(3)
    const order = [...all.stdout.matchAll(/hello from (\d+)/g)].map(([, id]) => Number(id))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect((await plane.run(['serve', 'logs', 'page', '--all', '--until', '2020-01-01'])).stdout).toBe('')
    expect((await plane.run(['serve', 'logs', 'page', '--all', '--since', '1d'])).stdout).toContain(
      'hello from 1\n',
    )
    expect(
      (await plane.run(['serve', 'logs', 'page', '--all', '--tail-lines', '2'])).stdout.trim().split('\n'),
    ).toHaveLength(2)
    expect((await plane.run(['serve', 'logs', 'page', '1', '--since', '1d'])).stdout).toBe('hello from 1\n')
    expect(await plane.json('serve', 'logs', 'page', '1', '2', '--tail-lines', '5')).toContainEqual({
      replicaId: 1,
      text: 'hello from 1',
      atMs: expect.any(Number),
      nextOffset: 13,
    })
  })

  it('are followed together, and written down whole', async () => {
    const followed = await plane.run(['serve', 'logs', 'page', '1', '2', '--follow'])
    expect(followed.stdout).toContain('page-1 | hello from 1\n')
    expect(followed.code).toBe(0)
    const folder = path.join(plane.folder, 'down')
    const synced = await plane.run(['serve', 'logs', 'page', '1', '--sync-down', folder])
    expect([synced.code, synced.stderr]).toEqual([0, ''])
    expect(readFileSync(path.join(folder, 'page-1.log'), 'utf8')).toBe('hello from 1\n')
    rmSync(folder, { recursive: true })
  })

  it('what the worker wrote about the service', async () => {
    const { stdout } = await plane.run(['serve', 'logs', 'page', '--controller'])
    expect(stdout).toMatch(/ {2}worker {2}info {3}took over page: 1 replicas? adopted/)
    expect((await plane.run(['serve', 'logs', 'page', '--load-balancer'])).code).toBe(0)
  })
})

describe('a rollout that is under way', () => {
  it('is shown, held where it is, and let go on, in our words and in kubectl’s', async () => {
    const canary = ['--mode', 'canary', '--canary-steps', '50', '--bake', '600', '--async']
    expect((await update(answeringWith('four'), ...canary)).code).toBe(0)
    await until('the rollout', async () =>
      (await plane.run(['serve', 'rollout', 'page'])).stdout.includes('PROGRESSING'),
    )
    const { stdout } = await plane.run(['serve', 'rollout', 'page'])
    expect(stdout).toMatch(
      /^page {2}PROGRESSING {2}canary, step 1 of 1: 50 % of the requests, to version \d+/,
    )
    // The name of who asked, not the id.
    const [operation] = (await plane.json('ops', '--limit', '1')) as readonly {
      readonly requestedBy: string
    }[]
    expect(operation?.requestedBy).not.toMatch(/^usr_/)
    expect(stdout).toContain(`asked by ${operation?.requestedBy}   op_`)
    const held = await plane.run(['serve', 'rollout', 'page', '--hold'])
    expect([held.code, held.stdout]).toEqual([
      0,
      expect.stringMatching(/^held {2}page {2}canary, held where it is/),
    ])
    expect(held.stderr).toContain('`npx skykeep serve rollout page --continue`')
    expect(await plane.json('serve', 'rollout', 'page')).toMatchObject({ isPaused: true, mode: 'canary' })
    expect((await plane.run(['serve', 'rollout', 'page', '--resume'])).stdout).toMatch(/^goes on {2}page/)
    expect(await plane.json('serve', 'rollout', 'page')).toMatchObject({ isPaused: false })
  })
})
