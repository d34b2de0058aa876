import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HolderWatch } from '@skykeep/persistent-path/holder-watch'
import { InstanceLock, isLockHeld, readHolder } from '@skykeep/persistent-path/instance-lock'
import type { Layout } from '@skykeep/persistent-path/layout'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { selfIdentity } from '@skykeep/persistent-path/process-identity'

let folder = ''
let layout: Layout
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skl-'))
  layout = preparePath(join(folder, 'p'), true).layout
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const name = (run: string): Parameters<typeof InstanceLock.tryAcquire>[1] => ({
  ...selfIdentity(),
  run,
  hostname: 'here',
})

/** Another process that holds the lock until it dies. */
const holderProcess = async (run: string): Promise<ChildProcess> => {
  const program = `
    import { InstanceLock } from '@skykeep/persistent-path/instance-lock'
    import { layoutOf } from '@skykeep/persistent-path/layout'
    import { selfIdentity } from '@skykeep/persistent-path/process-identity'
    const lock = InstanceLock.tryAcquire(layoutOf(${JSON.stringify(layout.root)}), { ...selfIdentity(), run: '${run}', hostname: 'there' })
    console.log(lock === undefined ? 'busy' : 'held')
    setInterval(() => lock.isStillHeld(), 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [said] = await once(child.stdout, 'data')
  expect(String(said).trim()).toBe('held')
  return child
}

describe('instance lock', () => {
  it('lets one process in, stopped or not, and the kernel gives it back at its death', async () => {
    const child = await holderProcess('first')
    expect(InstanceLock.tryAcquire(layout, name('second'))).toBeUndefined()
    expect(isLockHeld(layout)).toBe(true)
    expect(readHolder(layout)).toMatchObject({ run: 'first', pid: child.pid, counter: 1, hostname: 'there' })
    child.kill('SIGSTOP')
    expect(InstanceLock.tryAcquire(layout, name('second'))).toBeUndefined()
    child.kill('SIGKILL')
    await once(child, 'exit')
    const lock = InstanceLock.tryAcquire(layout, name('second'))
    expect(lock?.isStillHeld()).toBe(true)
    lock?.heartbeat()
    expect(readHolder(layout)).toMatchObject({ run: 'second', counter: 2 })
    lock?.release()
    expect(isLockHeld(layout)).toBe(false)
  })

  it('notices that it was lost: another holder signed, or the lock file is another one', () => {
    const lock = InstanceLock.tryAcquire(layout, name('mine'))
    if (lock === undefined) throw new Error('not acquired')
    writeFileSync(layout.holderFile, JSON.stringify({ ...name('other'), counter: 1 }))
    expect(lock.isStillHeld()).toBe(false)
    writeFileSync(layout.holderFile, 'unreadable')
    expect(lock.isStillHeld()).toBe(true)
    rmSync(layout.lockDb)
    expect(lock.isStillHeld()).toBe(false)
    lock.release()
  })
})

describe('invariant 5: a holder is stuck by the count of what was watched, never by a clock that jumped', () => {
  const limits = { stillMs: 10_000, maxGapMs: 4_000 }
  const sign = (counter: number): { run: string; counter: number } => ({ run: 'a', counter })
  const seconds = (count: number, from = 0): number[] =>
    Array.from({ length: count }, (_, i) => (from + i) * 1000)

  it('is stuck after ten seconds of the same counter without an answer', () => {
    const watch = new HolderWatch(limits)
    const verdicts = seconds(11).map((atMs) => watch.isStuck({ atMs, sign: sign(5), isAnswering: false }))
    expect(verdicts).toEqual([...Array.from({ length: 10 }, () => false), true])
  })

  it.each([
    ['the counter moves', (i: number) => ({ sign: sign(Math.floor(i / 9)), isAnswering: false })],
    ['its socket answers now and then', (i: number) => ({ sign: sign(5), isAnswering: i % 9 === 0 })],
    [
      'its disk is full: the counter stands, the socket answers',
      () => ({ sign: sign(5), isAnswering: true }),
    ],
    [
      'a new holder signs',
      (i: number) => ({ sign: { run: String(Math.floor(i / 9)), counter: 1 }, isAnswering: false }),
    ],
  ])('is not stuck while %s', (_what, lookAt) => {
    const watch = new HolderWatch(limits)
    for (const [i, atMs] of seconds(100).entries()) expect(watch.isStuck({ atMs, ...lookAt(i) })).toBe(false)
  })

  it('does not count the time that the observer itself was asleep', () => {
    const watch = new HolderWatch(limits)
    for (const atMs of [...seconds(9), ...seconds(10, 3600)]) {
      expect(watch.isStuck({ atMs, sign: sign(5), isAnswering: false })).toBe(false)
    }
  })
})
