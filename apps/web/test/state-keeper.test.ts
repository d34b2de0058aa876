import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { retentionWith } from '@skykeep/core/retention'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { until } from '@skykeep/testing/until'
import { fixParts } from '../src/features/state/fix-parts.ts'
import { remembered } from '../src/server/remembered.ts'
import { createStateKeeper } from '../src/server/state-keeper.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-keeper-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const { layout } = preparePath(path.join(folder, 'state'), true)
const toolEnvironment = { PATH: '/usr/bin:/bin', HOME: folder }
const env = { toolEnvironment, retention: retentionWith({}), masterKey: undefined }

/** The keeper of a build whose Node does this instead. */
function keeperOf(script: string) {
  const node = path.join(folder, 'node')
  writeFileSync(node, `#!/bin/sh\n${script}\n`)
  chmodSync(node, 0o755)
  return createStateKeeper({ layout, build: folder, toolEnvironment }, env)
}

describe('the keeper of the state', () => {
  it('has the path examined by the command line of its build, whatever the exit code, and once for all who ask', async () => {
    const keeper = keeperOf(`echo x >> ${folder}/runs
      test "$3 $4 $5" = "state doctor --json" || exit 9
      echo '[{"name":"fsync","status":"fail","detail":"slow","fix":"Use another."},{"name":"path","status":"ok","detail":"here"}]'
      exit 1`)
    const [first, second] = await Promise.all([keeper.examine(), keeper.examine()])
    expect(first.findings).toEqual([
      { name: 'fsync', status: 'fail', detail: 'slow', fix: 'Use another.' },
      { name: 'path', status: 'ok', detail: 'here', fix: null },
    ])
    expect([second, await keeper.examine()]).toEqual([first, first])
    expect(readFileSync(`${folder}/runs`, 'utf8')).toBe('x\n')
  })

  it('says so when nothing can be examined, and tries again when it is asked again', async () => {
    const keeper = keeperOf('echo "no JSON"')
    await expect(keeper.examine()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(keeper.examine()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      hint: expect.stringContaining('skykeep state doctor'),
    })
  })

  it('begins a backup and a check in processes of their own, shows them while they live, and keeps what they print', async () => {
    const keeper = keeperOf(`echo "args $*"; while test ! -e ${folder}/end; do sleep 0.1; done`)
    await keeper.begin({ kind: 'backup', askedBy: 'usr_1' })
    await keeper.begin({ kind: 'verify', askedBy: 'usr_1', backup: 'skykeep-x.tar.zst' })
    expect(keeper.work().map(({ kind }) => kind)).toEqual(['backup', 'verify'])
    writeFileSync(`${folder}/end`, '')
    await until('both are gone', () => keeper.work().length === 0)
    const printed = (name: string): string => readFileSync(layout.processLog(name), 'utf8')
    expect(printed('backup')).toContain('cli.mjs state backup --json --asked-by usr_1')
    expect(printed('verify')).toContain(
      `cli.mjs state verify ${layout.backupsDir}/skykeep-x.tar.zst --json --asked-by usr_1`,
    )
  })

  it('lists what is no backup as such, and reads how many stay as the command line does', async () => {
    writeFileSync(path.join(layout.backupsDir, 'skykeep-broken.tar.zst'), 'nothing of ours')
    const keeper = keeperOf('')
    expect(await keeper.backups()).toMatchObject([
      { name: 'skykeep-broken.tar.zst', bytes: 15, createdAtMs: null, keyVersion: null },
    ])
    expect(keeper.backupsKept()).toBe(7)
    const config = path.join(folder, 'config.yaml')
    writeFileSync(config, 'backup:\n  keep: 3\n')
    const home = { layout, build: folder, toolEnvironment: { SKYKEEP_CONFIG: config } }
    expect(createStateKeeper(home, { ...env, ...home }).backupsKept()).toBe(3)
  })

  it('names where the master key comes from, and nothing of the key', () => {
    const given = createStateKeeper({ layout, build: folder, toolEnvironment }, { ...env, masterKey: 'AAAA' })
    expect(given.keyPlace).toEqual({ source: 'environment', place: 'SKYKEEP_MASTER_KEY' })
    expect(keeperOf('').keyPlace).toEqual({ source: 'file', place: layout.masterKey })
  })
})

it('an answer is given again while it is fresh; a failure is not', async () => {
  let asked = 0
  const ask = async (): Promise<number> => {
    asked += 1
    if (asked === 1) throw new Error('not yet')
    return asked
  }
  const fresh = remembered(60_000, ask)
  await expect(fresh()).rejects.toThrow('not yet')
  expect([await fresh(), await fresh()]).toEqual([2, 2])
  const never = remembered(0, ask)
  expect([await never(), await never()]).toEqual([3, 4])
  let of = 'one'
  const marked = remembered(60_000, ask, () => of)
  const ofOne = [await marked(), await marked()]
  of = 'other'
  expect([...ofOne, await marked(), await marked()]).toEqual([5, 5, 6, 6])
})

it.each([
  ['Use a faster disk: every change waits for it.', null, 'Use a faster disk: every change waits for it.'],
  ['skykeep state doctor --fix', 'npx skykeep state doctor --fix', ''],
  [
    'skykeep state backup (best to another disk, and each night)',
    'npx skykeep state backup',
    'best to another disk, and each night',
  ],
  [
    'A rotation did not come to its end: skykeep state rotate-key',
    'npx skykeep state rotate-key',
    'A rotation did not come to its end:',
  ],
  ['npm start', 'npm start', ''],
  ['chmod 700 /data/skykeep', 'chmod 700 /data/skykeep', ''],
  ['Nothing: the next `npm start` sweeps them.', null, 'Nothing: the next `npm start` sweeps them.'],
])('the way out of a finding, told apart: %s', (fix, command, words) => {
  expect(fixParts(fix)).toEqual({ command, words })
})
