import type { ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { layoutOf } from '@skykeep/persistent-path/layout'
import { readProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { until } from '@skykeep/testing/until'
import { ended, type Result } from '../verbs/command-line.ts'
import { answering, onePlane, untilStatus } from '../verbs/running-plane.ts'

const plane = onePlane()
const gone = 'no answer from the control plane; waiting for it for up to'
const back = 'the control plane answers again'
const count = (text: string, part: string): number => text.split(part).length - 1

/** Counts up in its log, twice a second, and answers. */
const counting = `(i=0; while :; do i=$((i+1)); echo "line $i"; sleep 0.5; done) &\n${answering}`

/** SIGKILL for these parts of the control plane, at once. */
function kill(...parts: readonly string[]): void {
  const layout = layoutOf(plane.root)
  for (const name of parts) {
    const record = readProcessRecord(layout, name)
    if (record === undefined) throw new Error(`no record of ${name}`)
    process.kill(record.pid, 'SIGKILL')
  }
}

const all = ['supervisor', 'web', 'worker'] as const

interface Watched {
  readonly child: ChildProcess
  readonly end: Promise<Result>
  readonly output: () => string
}

function watch(args: readonly string[], env: Readonly<Record<string, string>> = {}): Watched {
  const child = plane.start(args, { env })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return { child, end: ended(child), output: () => output }
}

async function said({ output }: Watched, text: string): Promise<void> {
  await until(`"${text}"`, () => output().includes(text), 120_000)
}

describe('a control plane that is killed while somebody waits or watches', { timeout: 400_000 }, () => {
  it('serve up says so once, and goes on to its end when it is back', async () => {
    const gate = path.join(plane.folder, 'gate')
    const gated = `until [ -e ${gate} ]; do sleep 0.2; done\n${counting}`
    const yaml = plane.serviceFile('counts', gated)
    plane.write('counts.yaml', readFileSync(yaml, 'utf8').replace('delay_seconds: 30', 'delay_seconds: 300'))
    const up = watch(['serve', 'up', yaml])
    await said(up, 'STARTING')
    kill(...all)
    await said(up, gone)
    plane.start(['up'])
    await said(up, back)
    writeFileSync(gate, '')
    const { code, stdout, stderr } = await up.end
    expect([code, stdout]).toEqual([0, expect.stringContaining('ready  counts')])
    expect([count(stderr, gone), count(stderr, back)]).toEqual([1, 1])
  })

  it('logs that are followed, of a replica and of the controller: every line, and each once', async () => {
    const one = watch(['serve', 'logs', 'counts', '--follow'])
    const merged = watch(['serve', 'logs', 'counts', '--all', '--follow'])
    const controller = watch(['serve', 'logs', 'counts', '--controller', '--follow'])
    const events = watch(['events', '--follow', '--json'])
    const seen = [one, merged]
    for (const each of seen) await said(each, 'line 3\n')
    // All of them follow before anything is killed.
    await said(controller, 'worker')
    await said(events, '"seq"')
    kill(...all)
    for (const each of [one, merged, controller, events]) await said(each, gone)
    plane.start(['up'])
    for (const each of [one, merged, controller, events]) await said(each, back)
    const last = Math.max(...numbersIn(one.output())) + 3
    for (const each of seen) await said(each, `line ${last}\n`)
    await plane.run(['serve', 'down', 'counts', '--replica-id', '1'])
    await said(events, 'SHUTTING_DOWN')
    await said(merged, 'counts-2 | line 2\n')
    for (const each of [merged, controller, events]) each.child.kill('SIGINT')
    const texts = [
      (await one.end).stdout,
      // The replica that took its place counts from one, too.
      ...['counts-1 | ', 'counts-2 | '].map((prefix) => linesOf(merged.output(), prefix)),
    ]
    await merged.end
    for (const text of texts) {
      const numbers = numbersIn(text)
      expect(numbers.length).toBeGreaterThan(0)
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => at + 1))
    }
    // Of the replica that has ended it ends by itself.
    expect((await one.end).code).toBe(0)
    const seqs = (await events.end).stdout.split('\n').flatMap((line) => {
      return line.startsWith('{') ? [(JSON.parse(line) as { seq: number }).seq] : []
    })
    expect(new Set(seqs).size).toBe(seqs.length)
    expect((await controller.end).code).toBe(130)
  })

  it('a watch goes on, too', async () => {
    const watched = watch(['serve', 'status', 'counts', '--watch', '--json'])
    await said(watched, '"status"')
    // A web process that is back between two looks is not missed.
    kill(...all)
    await said(watched, gone)
    plane.start(['up'])
    await said(watched, back)
    await plane.run(['serve', 'pause', 'counts'])
    await said(watched, 'PAUSED')
    watched.child.kill('SIGINT')
    expect((await watched.end).code).toBe(130)
  })

  it('one that does not come back within SKYKEEP_PATIENCE: exit code 3, and what to do next', async () => {
    await untilStatus(plane, 'counts', ({ status }) => status === 'PAUSED')
    const env = { SKYKEEP_PATIENCE: '3' }
    const waiting = [
      watch(['serve', 'status', 'counts', '--watch', '--json'], env),
      watch(['serve', 'logs', 'counts', '--all', '--follow'], env),
    ]
    await said(waiting[0] as Watched, '"status"')
    await said(waiting[1] as Watched, 'line 1')
    kill(...all)
    for (const { end } of waiting) {
      const { code, stderr } = await end
      expect([code, count(stderr, gone)]).toEqual([3, 1])
      expect(stderr).toContain(`did not answer for 3 s`)
      expect(stderr).toContain('start one with `npx skykeep up`, then `npx skykeep ops` shows')
    }
  })
})

function linesOf(output: string, prefix: string): string {
  const lines = output.split('\n').filter((line) => line.startsWith(prefix))
  return lines.map((line) => `${line}\n`).join('')
}

function numbersIn(output: string): readonly number[] {
  return [...output.matchAll(/line (\d+)\n/g)].map(([, number]) => Number(number))
}
