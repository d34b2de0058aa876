import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FolderLog } from '@skykeep/logs/folder-log'
import { offsetSince, timeOf } from '@skykeep/logs/log-times'
import { jobLogFolder } from '@skykeep/node-runtime/job'
import { describe, expect, it } from 'vitest'
import type { LocalNode } from './local-node.ts'
import { jobRequest, scriptsDir } from './job-request.ts'
import { ended, eventually, localNode, logSoFar, stopped, wholeLog } from './local-node.ts'

const mebibyte = 1024 * 1024
const jobId = 'rep_1-g1-a1'

async function bytesOnDisk(node: LocalNode): Promise<number> {
  const folder = join(node.runner.home, '.skykeep', 'jobs', jobId, 'log')
  const sizes = await Promise.all(
    (await readdir(folder)).map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

describe('the log of a job', () => {
  it('invariant 15: a job that prints 200 MB leaves no more than its cap, while it runs and afterwards', async () => {
    const node = await localNode()
    const logCapBytes = 8 * mebibyte
    await node.runtime.startJob(
      node.runner,
      jobRequest('yes 0123456789abcde | head -c 200000000; sleep 1; echo; echo the end', { logCapBytes }),
    )
    let most = 0
    await eventually(async () => {
      most = Math.max(most, await bytesOnDisk(node))
      return (await node.runtime.describeJob(node.runner, jobId))?.exitCode === 0
    }, 60_000)
    expect(most).toBeGreaterThan(4 * mebibyte)
    expect(Math.max(most, await bytesOnDisk(node))).toBeLessThanOrEqual(logCapBytes)
    const text = await wholeLog(node, jobId)
    expect(text.endsWith('\nthe end\n')).toBe(true)
    const first = await node.runtime.readLog(node.runner, jobId, { offset: 0, limitBytes: 32 })
    expect(first.firstOffset).toBeGreaterThan(200_000_000 - logCapBytes)
    expect(first.offset).toBe(first.firstOffset)
    const last = await node.runtime.readLog(node.runner, jobId, { offset: 200_000_000, limitBytes: 100 })
    expect(Buffer.from(last.bytes).toString()).toBe('\nthe end\n')
    expect(last.nextOffset).toBe(200_000_009)
  })

  it('has every byte once, in order, by global offset, whatever the size of the reads', async () => {
    const node = await localNode()
    await node.runtime.startJob(
      node.runner,
      jobRequest('i=0; while [ $i -lt 6000 ]; do echo "line $i"; i=$((i+1)); done'),
    )
    await ended(node, jobId)
    const expected = Array.from({ length: 6000 }, (_, i) => `line ${i}\n`).join('')
    expect(await wholeLog(node, jobId)).toBe(expected)
    for (const offset of [0, 1, 4095, 30_000, expected.length - 1, expected.length]) {
      const { bytes } = await node.runtime.readLog(node.runner, jobId, { offset, limitBytes: 100 })
      expect(expected.slice(offset).startsWith(Buffer.from(bytes).toString())).toBe(true)
    }
  })

  it('goes on at the same offset when the pump is killed, and the job lives on', async () => {
    const node = await localNode()
    const job = await node.runtime.startJob(
      node.runner,
      jobRequest('i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 0.02; done'),
    )
    for (let round = 0; round < 3; round += 1) {
      const before = await eventually(async () => {
        const text = await logSoFar(node, jobId)
        return text.includes(`tick ${10 + round * 20}\n`) && text
      })
      // Every second round the dd that reads for the pump is left behind.
      const pattern = round % 2 === 0 ? '*/pump.sh*"$HOME"*|dd*"$HOME"*' : '*/pump.sh*"$HOME"*'
      const kill = `case "$(tr "\\0" " " <$p/cmdline)" in ${pattern}) kill -KILL \${p#/proc/} ;; esac`
      await node.runner.exec(['/bin/sh', '-c', `for p in /proc/[0-9]*; do ${kill}; done 2>/dev/null; true`])
      expect(await node.runtime.describeJob(node.runner, jobId)).toMatchObject({
        status: 'RUNNING',
        pid: job.pid,
        isAlive: true,
      })
      await eventually(async () => (await logSoFar(node, jobId)).length > before.length + 30)
      expect((await logSoFar(node, jobId)).startsWith(before)).toBe(true)
    }
    await stopped(node, jobId, 0)
    const lines = (await wholeLog(node, jobId)).split('\n').filter((line) => line.startsWith('tick '))
    // What a killed dd had read and not written (one read) may be missing; nothing comes twice or out of order.
    const ticks = lines.map((line) => Number(/^tick (\d+)$/.exec(line)?.[1]))
    expect(lines.filter((_, index) => index > 0 && !((ticks[index] ?? 0) > (ticks[index - 1] ?? 0)))).toEqual(
      [],
    )
    expect(ticks.length).toBeGreaterThanOrEqual((ticks.at(-1) ?? 0) - 3)
  })

  it('writes nothing below the disk reserve, and the job runs to its end all the same', async () => {
    const node = await localNode()
    await node.runtime.startJob(node.runner, jobRequest('yes | head -c 5000000', { diskReserveBytes: 1e15 }))
    expect(await ended(node, jobId)).toMatchObject({ status: 'SUCCEEDED' })
    await eventually(
      async () => (await node.runtime.readLog(node.runner, jobId, { offset: 0, limitBytes: 10 })).isEnded,
    )
    expect(await bytesOnDisk(node)).toBeLessThan(100)
  })

  it('is followed from the folder of the node, without a command on it, to its end', async () => {
    const node = await localNode()
    const log = new FolderLog(jobLogFolder(node.provider.homeFolderOf(node.nodeId), jobId))
    const { signal } = new AbortController()
    const followed = (async () => {
      let text = ''
      for await (const { bytes } of log.follow({ offset: 0, signal }))
        text += Buffer.from(bytes).toString('utf8')
      return text
    })()
    await node.runtime.startJob(
      node.runner,
      jobRequest('for i in 1 2 3; do echo $i; sleep 0.1; done; head -c 2000000 /dev/zero'),
    )
    const text = await followed
    expect([text.slice(0, 6), text.length]).toEqual(['1\n2\n3\n', 2_000_006])
  })

  it('notes when output came, to the second while there is some, in a file that stays small', async () => {
    const node = await localNode()
    const folder = jobLogFolder(node.provider.homeFolderOf(node.nodeId), jobId)
    const { startedAtMs } = await node.runtime.startJob(
      node.runner,
      jobRequest('echo one; sleep 3; echo two; i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo $i; done'),
    )
    await ended(node, jobId)
    const times = await eventually(async () => {
      const noted = await new FolderLog(folder).times()
      return (await new FolderLog(folder).read({ offset: 1e6, limitBytes: 1 })).isEnded && noted
    })
    const [one = 0, two = 0] = [timeOf(times, 4), timeOf(times, 8)].map(({ atMs }) => atMs ?? 0)
    expect(one).toBeGreaterThanOrEqual(startedAtMs)
    expect(two - one).toBeGreaterThanOrEqual(2000)
    expect(offsetSince(times, one + 2000)).toBe(4)
    expect(times.length).toBeLessThan(20)

    const many = Array.from({ length: 4095 }, (_, index) => `${1e9 + index} ${index}\n`).join('')
    const file = join(node.root, 'many')
    await writeFile(file, many)
    const note = `. "${scriptsDir}/job-state.sh"; note_time "${file}" 5000; note_time "${file}" 6000`
    await node.runner.exec(['/bin/sh', '-c', note])
    const kept = (await readFile(file, 'utf8')).trimEnd().split('\n')
    expect([kept.length, kept[0], kept.at(-1)?.endsWith(' 6000')]).toEqual([2049, `${1e9 + 1} 1`, true])
  })
})
