import { appendFile, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { archiveJobLog } from '@skykeep/logs/archive-log'
import { FolderLog } from '@skykeep/logs/folder-log'
import { offsetSince, offsetUntil, readLogTimes, timeOf, type LogTimes } from '@skykeep/logs/log-times'
import { LogWriter } from '@skykeep/logs/log-writer'
import { mergedLines, tailOffset, timedLines, type TimedLine } from '@skykeep/logs/timed-lines'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skykeep-times-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function textOf(lines: AsyncIterable<{ readonly text: string }>): Promise<string[]> {
  const texts: string[] = []
  for await (const { text } of lines) texts.push(text)
  return texts
}

describe('the times of a log', () => {
  it('are none where nobody noted any, and where somebody put something else there', async () => {
    expect(await readLogTimes(folder)).toBeNull()
    await symlink('/etc/passwd', join(folder, 'times'))
    expect(await readLogTimes(folder)).toBeNull()
    await rm(join(folder, 'times'))
    await writeFile(join(folder, 'times'), 'nonsense\n1 2 3\n-4 5\n')
    expect(await readLogTimes(folder)).toBeNull()
    await appendFile(join(folder, 'times'), '100 0\n107 50\n10')
    expect(await readLogTimes(folder)).toEqual([
      { atMs: 100_000, offset: 0 },
      { atMs: 107_000, offset: 50 },
    ])
  })

  it('lose nothing that came after a moment, whenever within its second it was noted', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 99 })), {
      minLength: 1,
      maxLength: 30,
    })
    fc.assert(
      fc.property(steps, fc.integer({ min: -1000, max: 300_000 }), (grown, askedMs) => {
        // What really happened: at these moments, to the millisecond, the log had grown so far.
        let [atMs, offset] = [0, 0]
        const real = grown.map(([passed, bytes]) => ({ atMs: (atMs += passed), offset: (offset += bytes) }))
        const times: LogTimes = [{ atMs: 0, offset: 0 }, ...real].map((step) => ({
          atMs: Math.floor(step.atMs / 1000) * 1000,
          offset: step.offset,
        }))
        const reachedBy = (moment: number): number =>
          real.findLast((step) => step.atMs <= moment)?.offset ?? 0
        expect(offsetSince(times, askedMs)).toBeLessThanOrEqual(reachedBy(askedMs))
        expect(offsetUntil(times, askedMs)).toBeGreaterThanOrEqual(reachedBy(askedMs - 1))
        for (const step of real)
          expect(timeOf(times, step.offset).atMs).toBe(Math.floor(step.atMs / 1000) * 1000)
        expect(timeOf(times, offset + 1)).toEqual({ atMs: null, likelyMs: null })
      }),
    )
  })

  it('between two notes are those of a log that grew evenly', () => {
    const times = [
      { atMs: 10_000, offset: 100 },
      { atMs: 20_000, offset: 200 },
    ]
    expect(timeOf(times, 150)).toEqual({ atMs: 20_000, likelyMs: 15_000 })
    expect(timeOf(times, 200)).toEqual({ atMs: 20_000, likelyMs: 20_000 })
    expect(timeOf(times, 40)).toEqual({ atMs: 10_000, likelyMs: 10_000 })
  })

  it('lose nothing when the clock was set back', () => {
    const times = [
      { atMs: 9_000, offset: 10 },
      { atMs: 2_000, offset: 20 },
      { atMs: 3_000, offset: 30 },
    ]
    expect(offsetSince(times, 5_000)).toBe(0)
    expect(offsetSince(times, 99_000)).toBe(30)
  })

  it('go with the log into the archive', async () => {
    const [from, to] = [join(folder, 'job'), join(folder, 'kept')]
    const writer = await LogWriter.open(from)
    await writer.append('one\n')
    await writer.close()
    await writeFile(join(from, 'times'), '100 0\n105 4\n')
    await archiveJobLog({ from, to, capBytes: 1_000_000 })
    expect(await readLogTimes(to)).toEqual(await readLogTimes(from))
  })
})

describe('lines with their times', () => {
  const logOf = async (name: string, text: string, times: string): Promise<FolderLog> => {
    const place = join(folder, name)
    await mkdir(place)
    const writer = await LogWriter.open(place, { segmentBytes: 16, capBytes: 1_000_000 })
    await writer.append(text)
    await writer.close()
    if (times !== '') await writeFile(join(place, 'times'), times)
    // What is not noted yet has the time of its file.
    for (const name of await readdir(place)) await utimes(join(place, name), 150, 150)
    return new FolderLog(place)
  }
  const linesOf = async (log: FolderLog): Promise<AsyncIterable<TimedLine>> =>
    timedLines(log, { from: 0, until: Number.POSITIVE_INFINITY, times: await log.times() })

  it('of several logs come in the order of their times, each log’s own order kept', async () => {
    const a = await logOf('a', 'a1\na2\na3\na4\n', '100 3\n110 6\n120 9\n')
    const b = await logOf('b', 'b1\nb2\nb3', '101 3\n115 6\n116 8\n')
    const untimed = await logOf('c', 'c1\nc2\n', '')
    const merged = mergedLines([
      { key: 'a', lines: await linesOf(a) },
      { key: 'b', lines: await linesOf(b) },
      { key: 'c', lines: await linesOf(untimed) },
    ])
    const seen: string[] = []
    for await (const { key, text, atMs } of merged) seen.push(`${key} ${text} ${atMs}`)
    expect(seen).toEqual([
      'c c1 null',
      'c c2 null',
      'a a1 100000',
      'b b1 101000',
      'a a2 110000',
      'b b2 115000',
      'b b3 116000',
      'a a3 120000',
      'a a4 150000',
    ])
  })

  it('end before an offset, and begin so many lines before the end', async () => {
    const log = await logOf('some', 'one\ntwo\nthree\nfour\n', '')
    const until = { from: 0, until: 8, times: null }
    expect(await textOf(timedLines(log, until))).toEqual(['one', 'two'])
    const tail = async (lines: number): Promise<string[]> =>
      await textOf(
        timedLines(log, {
          from: await tailOffset(log, lines),
          until: Number.POSITIVE_INFINITY,
          times: null,
        }),
      )
    expect(await tail(2)).toEqual(['three', 'four'])
    expect(await tail(99)).toEqual(['one', 'two', 'three', 'four'])
    expect(await tailOffset(new FolderLog(join(folder, 'none')), 5)).toBe(0)
  })

  it('the tail is exact for any text, also where older bytes were dropped', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\n', 'bc', '\n\n'), maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (whole, lines, isCapped) => {
        const place = await mkdtemp(join(folder, 'tail-'))
        const writer = await LogWriter.open(place, { segmentBytes: 8, capBytes: isCapped ? 16 : 1_000_000 })
        for (const part of whole.match(/[^]{1,8}/g) ?? []) await writer.append(part)
        await writer.close()
        const log = new FolderLog(place)
        const { firstOffset } = await log.read({ offset: 0, limitBytes: 1 })
        const kept = whole.slice(firstOffset)
        const expected = kept.replace(/\n$/, '').split('\n').slice(-lines)
        const from = await tailOffset(log, lines)
        expect(
          kept
            .slice(from - firstOffset)
            .replace(/\n$/, '')
            .split('\n'),
        ).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })
})
