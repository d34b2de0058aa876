import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import {
  identityOf,
  isProcessAlive,
  isSameProcess,
  killProcess,
  killProcessGroup,
  selfIdentity,
  startTimeOfStatLine,
} from '@skykeep/persistent-path/process-identity'

const tail = 'S 1 1 1 0 -1 4194304 102 0 0 0 0 0 0 0 20 0 1 0 86606 3133440'

describe('process identity', () => {
  it('is stable for one process', () => {
    expect(isSameProcess(selfIdentity(), selfIdentity())).toBe(true)
    expect(isProcessAlive(selfIdentity())).toBe(true)
  })

  it.each([
    ['a plain command', `7 (cat) ${tail}`, 86606],
    ['a command with spaces and parentheses', `7 (a) b (c) ${tail}`, 86606],
    ['a zombie', `7 (cat) ${tail.replace('S', 'Z')}`, undefined],
    ['an empty line', '', undefined],
    ['a cut line', '7 (cat) S 1 1', undefined],
  ])('reads the start time of %s', (_what, line, expected) => {
    expect(startTimeOfStatLine(line)).toBe(expected)
  })

  it('invariant 1: never signals a reused pid: another start time or boot id is another process', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    const identity = identityOf(child.pid ?? -1)
    if (identity === undefined) throw new Error('child has no identity')
    expect(killProcess({ ...identity, startTime: identity.startTime + 1 }, 'SIGKILL')).toBe(false)
    expect(killProcess({ ...identity, bootId: 'another' }, 'SIGKILL')).toBe(false)
    expect(isProcessAlive(identity)).toBe(true)
    const exited = once(child, 'exit')
    expect(killProcess(identity, 'SIGKILL')).toBe(true)
    await exited
    expect(isProcessAlive(identity)).toBe(false)
    expect(killProcess(identity, 'SIGKILL')).toBe(false)
  })

  it('invariant 1: a whole group is signalled by its leader only, exactly that one', async () => {
    const script = 'sleep 60 & echo $!; wait'
    const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const [leader, member] = [identityOf(child.pid ?? -1), identityOf(Number(line.toString()))]
    if (leader === undefined || member === undefined) throw new Error('child has no identity')
    expect(killProcessGroup({ ...leader, startTime: leader.startTime + 1 }, 'SIGKILL')).toBe(false)
    expect(killProcessGroup(member, 'SIGKILL')).toBe(false)
    expect([leader, member].map(isProcessAlive)).toEqual([true, true])
    // Both hold the pipe: it ends with the last of them.
    const ended = once(child, 'close')
    expect(killProcessGroup(leader, 'SIGKILL')).toBe(true)
    await ended
    expect(isProcessAlive(leader)).toBe(false)
  })

  it.each([0, -1, 1.5, Number.NaN])('has no identity for pid %s', (pid) => {
    expect(identityOf(pid)).toBeUndefined()
  })
})
