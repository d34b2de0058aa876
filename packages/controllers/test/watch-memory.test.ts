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

describe('what an infra does not find', () => {
  it('invariant 4: counts as gone only after the consistency window since it was first missed, without a sighting', () => {
    const time = { nowMs: 0 }
    const memory = memoryAt(time)
    expect(memory.isMissingProven('rep_1', 5_000)).toBe(false)
    time.nowMs += 4_999
    expect(memory.isMissingProven('rep_1', 5_000)).toBe(false)
    memory.noteFound('rep_1')
    time.nowMs += 10_000
    expect(memory.isMissingProven('rep_1', 5_000)).toBe(false)
    time.nowMs += 5_000
    expect(memory.isMissingProven('rep_1', 5_000)).toBe(true)
  })

  it('invariant 4: a worker that starts anew waits for the whole window; an infra without one is believed at once', () => {
    const time = { nowMs: 0 }
    memoryAt(time).isMissingProven('rep_1', 5_000)
    time.nowMs += 60_000
    expect(memoryAt(time).isMissingProven('rep_1', 5_000)).toBe(false)
    expect(memoryAt(time).isMissingProven('rep_1', 0)).toBe(true)
  })
})
