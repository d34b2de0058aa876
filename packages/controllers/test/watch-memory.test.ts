import { describe, expect, it } from 'vitest'
import { WatchMemory } from '../src/replicas/watch-memory.ts'

function memoryAt(start: { nowMs: number }): WatchMemory {
  return new WatchMemory({ now: () => 0, monotonicMs: () => start.nowMs })
}

describe('watched time', () => {
  it('counts from look to look', () => {
    const time = { nowMs: 0 }
    const memory = memoryAt(time)
    expect(memory.watched('rep_1', 10_000)).toBe(0)
    time.nowMs += 10_000
    expect(memory.watched('rep_1', 10_000)).toBe(10_000)
    time.nowMs += 12_000
    expect(memory.watched('rep_1', 10_000)).toBe(12_000)
  })

  it('invariant 5: a worker that was stopped for a minute adds nothing, and one that starts anew begins at nothing', () => {
    const time = { nowMs: 0 }
    const memory = memoryAt(time)
    memory.watched('rep_1', 10_000)
    time.nowMs += 60_000
    expect(memory.watched('rep_1', 10_000)).toBe(0)
    time.nowMs += 10_000
    expect(memory.watched('rep_1', 10_000)).toBe(10_000)
    expect(memoryAt(time).watched('rep_1', 10_000)).toBe(0)
  })

  it('forgets', () => {
    const time = { nowMs: 0 }
    const memory = memoryAt(time)
    memory.watched('rep_1', 10_000)
    memory.forget('rep_1')
    time.nowMs += 5_000
    expect(memory.watched('rep_1', 10_000)).toBe(0)
  })
})
