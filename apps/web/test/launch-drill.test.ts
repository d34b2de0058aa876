import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Drill } from '@skykeep/core/nouns'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { until } from '@skykeep/testing/until'
import { launchDrillIn } from '../src/server/launch-drill.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-launch-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const { layout } = preparePath(path.join(folder, 'state'), true)

const drill: Drill = {
  uid: 'drl_1',
  serviceUid: 'svc_1',
  serviceName: 'hello',
  target: 'web',
  repeats: 2,
  status: 'RUNNING',
  statusReason: '',
  startedAtMs: 0,
  startedBy: 'usr_1',
  finishedAtMs: null,
  expiresAtMs: 0,
  result: null,
}

/** Starts a drill of a build whose Node says what it was started with. */
async function launched(toolEnvironment: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const node = path.join(folder, 'node')
  writeFileSync(node, '#!/bin/sh\necho "args $*"\nenv\nps -o pid=,sid= -p $$\necho "the end"\n')
  chmodSync(node, 0o755)
  await launchDrillIn({ layout, build: folder, toolEnvironment })(drill)
  const output = await until('it has written', () => {
    const text = readFileSync(layout.processLog('drill'), 'utf8')
    return text.includes('the end') && text
  })
  return output.split('\n')
}

function config(root: string): string {
  const file = path.join(folder, 'config.yaml')
  writeFileSync(file, `persistent_path: ${root}\n`)
  return file
}

describe('the process of a drill', () => {
  it('is the command line of this build, in a session of its own, with a listed environment and nothing else', async () => {
    const lines = await launched({
      PATH: '/usr/bin:/bin',
      SKYKEEP_CONFIG: config(path.join(folder, 'other')),
    })
    expect(lines[0]).toBe(`args -- ${folder}/cli.mjs drill hello --kill web --repeat 2 --record drl_1 --yes`)
    const names = lines
      .flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? [])
      .filter((name) => name !== 'PWD')
    expect(names.toSorted()).toEqual([
      'NODE_ENV',
      'PATH',
      'SKYKEEP_BUILD',
      'SKYKEEP_CONFIG',
      'SKYPILOT_PERSISTENT_PATH',
    ])
    const [pid, session] = (lines.at(-3) ?? '').trim().split(/\s+/)
    expect(pid).toBe(session)
  })

  it('finds the path as the control plane did, where config.yaml names it', async () => {
    const lines = await launched({ PATH: '/usr/bin:/bin', SKYKEEP_CONFIG: config(layout.root) })
    expect(lines.filter((line) => line.startsWith('SKYPILOT_PERSISTENT_PATH='))).toEqual([])
  })

  it('that cannot be started is an error of the one who asks', async () => {
    const launch = launchDrillIn({ layout, build: path.join(folder, 'nowhere'), toolEnvironment: {} })
    await expect(launch(drill)).rejects.toThrow('ENOENT')
  })
})
