import { spawnSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { archiveJobLog } from '@skykeep/logs/archive-log'
import { FolderLog } from '@skykeep/logs/folder-log'
import { logLines, prefixedLines } from '@skykeep/logs/log-lines'
import type { LogChunk } from '@skykeep/logs/log-source'
import { LogWriter } from '@skykeep/logs/log-writer'
import { segmentName } from '@skykeep/logs/segments'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skykeep-logs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const limits = { segmentBytes: 100, capBytes: 1000 }

async function collect(chunks: AsyncIterable<LogChunk>): Promise<string> {
  let text = ''
  for await (const { bytes } of chunks) text += Buffer.from(bytes).toString('utf8')
  return text
}

async function bytesIn(path: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(path)).map((name) => stat(join(path, name)).then(({ size }) => size)),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function* chunksOf(texts: readonly (string | Uint8Array)[]): AsyncIterable<LogChunk> {
  let offset = 0
  for (const text of texts) {
    const bytes = Buffer.from(text)
    yield { offset, bytes, nextOffset: offset + bytes.length, firstOffset: 0, isEnded: false }
    offset += bytes.length
  }
}

describe('a log in a folder', () => {
  it('gives back every byte once, by global offset, over writers that follow each other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 150 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 300 }),
        async (texts, limitBytes) => {
          const place = await mkdtemp(join(folder, 'log-'))
          for (const text of texts) {
            const writer = await LogWriter.open(place, { segmentBytes: 64, capBytes: 1_000_000 })
            await writer.append(text)
            await writer.close()
          }
          await (await LogWriter.open(place)).end()
          let offset = 0
          const parts: Uint8Array[] = []
          for (;;) {
            const chunk = await new FolderLog(place).read({ offset, limitBytes })
            expect(chunk.offset).toBe(offset)
            parts.push(chunk.bytes)
            offset = chunk.nextOffset
            if (chunk.isEnded) break
          }
          expect(Buffer.concat(parts).toString('utf8')).toBe(Buffer.from(texts.join('')).toString('utf8'))
        },
      ),
      { numRuns: 25 },
    )
  })

  it('invariant 15: never takes more room than its cap, and says what it dropped', async () => {
    const writer = await LogWriter.open(folder, limits)
    for (let line = 0; line < 500; line += 1) {
      await writer.append(`line ${line}\n`)
      expect(await bytesIn(folder)).toBeLessThanOrEqual(limits.capBytes)
    }
    await writer.end()
    const first = await new FolderLog(folder).read({ offset: 0, limitBytes: 10 })
    expect(first.offset).toBe(first.firstOffset)
    expect(first.firstOffset).toBe(writer.nextOffset - ((writer.nextOffset % 100) + 900))
    const texts: string[] = []
    const { signal } = new AbortController()
    for await (const { text } of logLines(new FolderLog(folder).follow({ offset: 0, signal })))
      texts.push(text)
    expect(texts[0]).toBe(`[skykeep] ${first.firstOffset} bytes of older log were dropped`)
    expect(texts.at(-1)).toBe('line 499')
  })

  it('keeps appends in order when nobody waits for them', async () => {
    const writer = await LogWriter.open(folder, limits)
    await Promise.all(Array.from({ length: 50 }, (_, index) => writer.append(`${index}\n`)))
    await writer.end()
    const { signal } = new AbortController()
    expect(await collect(new FolderLog(folder).follow({ offset: 0, signal }))).toBe(
      Array.from({ length: 50 }, (_, i) => `${i}\n`).join(''),
    )
  })

  it('is empty and not ended before it exists, and follows it from its birth', async () => {
    const place = join(folder, 'later', 'log')
    expect(await new FolderLog(place).read({ offset: 0, limitBytes: 10 })).toMatchObject({
      nextOffset: 0,
      isEnded: false,
    })
    const { signal } = new AbortController()
    const text = collect(new FolderLog(place).follow({ offset: 0, signal }))
    const writer = await LogWriter.open(place)
    await writer.append('born')
    await writer.end()
    expect(await text).toBe('born')
  })

  it('tells of new bytes at once, not when it happens to look', async () => {
    const writer = await LogWriter.open(folder)
    await writer.append('a')
    const controller = new AbortController()
    const following = new FolderLog(folder).follow({ offset: 0, signal: controller.signal })
    const chunks = following[Symbol.asyncIterator]()
    await chunks.next()
    const waits: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const next = chunks.next()
      const started = performance.now()
      await writer.append('b')
      await next
      waits.push(performance.now() - started)
    }
    expect(Math.min(...waits)).toBeLessThan(500)
    const last = chunks.next()
    controller.abort()
    expect(await last).toEqual({ done: true, value: undefined })
    await writer.close()
  })

  it('stops following when its folder is removed', async () => {
    const place = join(folder, 'log')
    const writer = await LogWriter.open(place)
    await writer.append('last words')
    await writer.close()
    const { signal } = new AbortController()
    const chunks = new FolderLog(place).follow({ offset: 0, signal })[Symbol.asyncIterator]()
    await chunks.next()
    await rm(place, { recursive: true })
    expect(await chunks.next()).toEqual({ done: true, value: undefined })
  })

  it('skips a gap that a full disk left in the offsets', async () => {
    await writeFile(join(folder, segmentName(0)), 'before')
    await writeFile(join(folder, segmentName(1000)), 'after')
    const gap = await new FolderLog(folder).read({ offset: 6, limitBytes: 10 })
    expect([gap.offset, Buffer.from(gap.bytes).toString(), gap.nextOffset]).toEqual([1000, 'after', 1005])
  })

  it('says clearly that the disk takes no more', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(LogWriter.open(join(folder, 'file', 'log'))).rejects.toMatchObject({
      code: 'STORAGE_DEGRADED',
      hint: expect.any(String),
    })
  })
})

describe('the log of a removed replica', () => {
  it('is kept with its offsets, the newest bytes within the cap, and once', async () => {
    const from = join(folder, 'node')
    const to = join(folder, 'services', 'svc_1', '3')
    await mkdir(from)
    for (let index = 0; index < 10; index += 1)
      await writeFile(join(from, segmentName(index * 10)), `${index}`.repeat(10))
    await archiveJobLog({ from, to, capBytes: 35 })
    await appendFile(join(from, segmentName(90)), 'later')
    await archiveJobLog({ from, to, capBytes: 35 })
    const kept = await new FolderLog(to).read({ offset: 0, limitBytes: 100 })
    expect(kept).toMatchObject({ offset: 70, firstOffset: 70, isEnded: false })
    const { signal } = new AbortController()
    expect(await collect(new FolderLog(to).follow({ offset: 0, signal }))).toBe(
      '777777777788888888889999999999',
    )
  })

  it('holds no pipe, link or device that the job put in its folder, and reading waits for none', async () => {
    const from = join(folder, 'hostile')
    const to = join(folder, 'hostile-kept')
    await mkdir(from)
    await writeFile(join(folder, 'secret'), 'a key of the control plane')
    await writeFile(join(from, segmentName(0)), 'mine')
    await symlink(join(folder, 'secret'), join(from, segmentName(10)))
    spawnSync('mkfifo', [join(from, segmentName(20))])
    await symlink('/dev/zero', join(from, segmentName(30)))
    const seen = await new FolderLog(from).read({ offset: 0, limitBytes: 100 })
    expect(Buffer.from(seen.bytes).toString()).toBe('mine')
    await archiveJobLog({ from, to, capBytes: 1000 })
    expect(await readdir(to)).toEqual([segmentName(0), 'end'])
  })

  it('is empty and complete when the node has none', async () => {
    await archiveJobLog({ from: join(folder, 'nowhere'), to: join(folder, 'kept'), capBytes: 10 })
    expect(await new FolderLog(join(folder, 'kept')).read({ offset: 0, limitBytes: 1 })).toMatchObject({
      isEnded: true,
    })
  })
})

describe('the lines of a log', () => {
  it('are the same however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        fc.array(fc.nat(200), { maxLength: 5 }),
        async (text, cuts) => {
          const whole = Buffer.from(text.replaceAll('\r', ''))
          const edges = [
            0,
            ...cuts.map((cut) => Math.min(cut, whole.length)).toSorted((a, b) => a - b),
            whole.length,
          ]
          const pieces = edges.slice(1).map((edge, index) => whole.subarray(edges[index], edge))
          const lines: string[] = []
          for await (const line of logLines(chunksOf(pieces))) lines.push(line.text)
          const expected = whole.toString('utf8').split('\n')
          if (expected.at(-1) === '') expected.pop()
          expect(lines).toEqual(expected)
        },
      ),
    )
  })

  it('are cut at 64 KiB, and resume at the offset that they name', async () => {
    const lines: number[] = []
    for await (const { text, nextOffset } of logLines(chunksOf(['x'.repeat(150_000), 'y\nz\n']))) {
      expect(text.length).toBeLessThanOrEqual(64 * 1024)
      lines.push(nextOffset)
    }
    expect(lines).toEqual([65_536, 131_072, 150_002, 150_004])
  })

  it('carry the prefix of their source', async () => {
    const texts: string[] = []
    for await (const { text } of prefixedLines(logLines(chunksOf(['a\nb'])), '(hello-1) ')) texts.push(text)
    expect(texts).toEqual(['(hello-1) a', '(hello-1) b'])
  })
})
