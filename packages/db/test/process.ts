import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'

export interface TestProcess {
  readonly child: ChildProcess
  /** Resolves when the process has printed the line; rejects when it ended before, with what it said. */
  saw(line: string): Promise<void>
  /** Exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals>
}

/** Starts `test/processes/NAME.ts`, as a process of its own. */
export function startProcess(name: string, args: readonly string[]): TestProcess {
  const file = path.join(import.meta.dirname, 'processes', `${name}.ts`)
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  const waiting = new Set<() => void>()
  const look = (): void => {
    for (const wake of waiting) wake()
  }
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      look()
    })
  }
  let isOver = false
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on('close', (code, signal) => {
      isOver = true
      look()
      resolve(code ?? signal ?? -1)
    })
  })
  const saw = (wanted: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!lines.includes(wanted) && !isOver) return
        waiting.delete(check)
        if (lines.includes(wanted)) resolve()
        else reject(new Error(`${name} ended without "${wanted}":\n${lines.join('\n')}`))
      }
      waiting.add(check)
      check()
    })
  return { child, saw, ended }
}
