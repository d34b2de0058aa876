import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { identityOf, isProcessAlive } from '@skykeep/persistent-path/process-identity'
import type { ProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { killVictims, victimsOf } from '../../src/drill/victims.ts'

const record = (name: string, pid: number): ProcessRecord => ({
  name,
  pid,
  startTime: 1,
  bootId: 'boot',
  startedAtMs: 0,
  build: 'b',
})
const names = ['supervisor', 'worker', 'web', 'gateway-0', 'gateway-1']
const parts = new Map(names.map((name, index) => [name, record(name, 40 + index)]))
const replica = { replicaUid: 'rep_1', replicaId: 3, pid: 99, startTime: 1, bootId: 'boot' }

describe('what a round kills', () => {
  it.each([
    ['worker', 1, ['worker']],
    ['web', 1, ['web']],
    ['supervisor', 1, ['supervisor']],
    ['gateway', 1, ['gateway-1']],
    ['gateway', 2, ['gateway-0']],
    ['all', 1, names],
  ] as const)('%s in round %i: %o', (target, round, killed) => {
    expect(victimsOf(target, parts, null, round).parts.map(({ name }) => name)).toEqual(killed)
  })

  it('a replica by its own identity; without one it is refused', () => {
    expect(victimsOf('replica', parts, replica, 1)).toEqual({ parts: [], replica })
    expect(() => victimsOf('replica', parts, null, 1)).toThrow('no ready replica')
  })
})

describe('killing', () => {
  it('invariant 1: a pid that was handed out again is not hit, nor is its group', async () => {
    const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
    await once(child, 'spawn')
    const identity = identityOf(child.pid ?? 0)
    if (identity === undefined) throw new Error('it did not start')
    const reused = { ...identity, startTime: identity.startTime + 1 }
    const other = { parts: [{ ...record('worker', 1), ...reused }], replica: { ...replica, ...reused } }
    expect(killVictims(other)).toEqual([])
    expect(isProcessAlive(identity)).toBe(true)
    const gone = once(child, 'exit')
    expect(killVictims({ parts: [], replica: { ...replica, ...identity } })).toEqual([child.pid])
    await gone
  })
})
