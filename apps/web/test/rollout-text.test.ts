import { describe, expect, it } from 'vitest'
import type { Rollout } from '@skykeep/core/nouns'
import { defaultUpdatePolicy } from '@skykeep/core/service-spec'
import { percentText, progressOf, stepText } from '../src/features/rollouts/rollout-text.ts'
import { diffLines } from '../src/features/versions/diff-line-kinds.ts'
import { versionWords } from '../src/features/versions/version-words.ts'

const rollout: Rollout = {
  uid: 'rol_1',
  serviceUid: 'svc_1',
  serviceName: 'hello',
  operationUid: 'op_1',
  fromVersion: 2,
  toVersion: 3,
  mode: 'canary',
  settings: defaultUpdatePolicy,
  rowVersion: 1,
  status: 'PROGRESSING',
  statusReason: '',
  isPaused: false,
  isCancelled: false,
  step: 1,
  stepMs: 0,
  stalledMs: 0,
  readyPeak: 0,
  gate: null,
  createdAtMs: 0,
  createdBy: 'usr_1',
  finishedAtMs: null,
}

describe('a rollout in words', () => {
  const cases: readonly (readonly [string, Partial<Rollout>, string])[] = [
    ['a step of a canary', {}, 'Step 2 of 2: 50 % of the requests'],
    ['past its last step', { step: 2 }, 'All steps passed'],
    ['rolling', { mode: 'rolling' }, 'Replica by replica'],
    ['blue-green before the switch', { mode: 'blue_green', step: 0 }, 'beside the old one'],
    ['blue-green after it', { mode: 'blue_green' }, 'Switched'],
    ['on the way back', { status: 'ROLLING_BACK' }, 'The old version takes over again'],
  ]
  it.each(cases)('%s', (_name, change, words) => {
    expect(stepText({ ...rollout, ...change })).toContain(words)
  })

  it('replicas of a version with the same task count as of the new one, and never more than are wanted', () => {
    const versions = [
      { version: 1, taskVersion: 1 },
      { version: 2, taskVersion: 2 },
      { version: 3, taskVersion: 1 },
    ]
    const replicas = [
      { status: 'READY', version: 1 },
      { status: 'READY', version: 2 },
      { status: 'STARTING', version: 3 },
      { status: 'READY', version: 3 },
    ] as const
    expect(progressOf(rollout, { replicas, versions, targetReplicas: 3 })).toEqual({ ready: 2, wanted: 3 })
    expect(progressOf(rollout, { replicas, versions, targetReplicas: 1 })).toEqual({ ready: 1, wanted: 1 })
    expect(percentText(0.0076)).toBe('0.8 %')
  })
})

it('what a version is to its service', () => {
  const service = { version: 3, desiredVersion: 3, stableVersion: 2, rollouts: [rollout] }
  const words = (version: number, taskVersion = version, change: Partial<typeof service> = {}): string =>
    versionWords({ ...service, ...change }, { version, taskVersion })
  expect(words(3)).toBe('Rolling out')
  expect(words(2, 1)).toBe('Serving meanwhile, same task as version 1')
  expect(words(1)).toBe('')
  const back = { version: 2, rollouts: [{ ...rollout, status: 'ROLLED_BACK' as const }] }
  expect([words(2, 2, back), words(3, 3, back)]).toEqual(['Current', 'Asked for, and rolled back'])
  expect(words(2, 2, { version: 4, desiredVersion: 4, rollouts: [] })).toBe('Last that was rolled out whole')
})

it('the lines of a diff are told apart, without the names of files', () => {
  const text =
    '--- version 1\n+++ version 2\n@@ -1,2 +1,2 @@\n name: x\n-run: a\n+run: b\n\\ No newline at end of file\n'
  expect(diffLines(text).map(({ kind }) => kind)).toEqual(['place', 'same', 'removed', 'added', 'place'])
  expect(diffLines('')).toEqual([])
})
