import { createInterface } from 'node:readline/promises'
import type { CliEnv } from '../env.ts'
import { painter, type Paint } from './paint.ts'
import { table, type Column } from './table.ts'

/** Where a verb writes: results to standard output, progress and warnings to standard error. */
export interface Terminal {
  readonly paint: Paint
  print(line: string): void
  /** Text as it is, without a line end of its own. */
  write(text: string): void
  note(line: string): void
  json(value: unknown): void
  table<T>(rows: readonly T[], columns: readonly Column<T>[]): void
  /** Asks the person; the empty answer is yes. Only where `isInteractive`. */
  confirm(question: string): Promise<boolean>
}

export function openTerminal(env: CliEnv): Terminal {
  return writingTo(env, (text) => void process.stdout.write(text))
}

/** The lines that would be written to standard output. Notes go where they always do. */
export function collectingTerminal(env: CliEnv, show: (terminal: Terminal) => void): readonly string[] {
  let all = ''
  show(writingTo(env, (text) => (all += text)))
  return all.replace(/\n$/, '').split('\n')
}

function writingTo(env: CliEnv, write: (text: string) => void): Terminal {
  const paint = painter(env.hasColours)
  const print = (line: string): void => write(`${line}\n`)
  return {
    paint,
    print,
    write,
    note: (line) => void process.stderr.write(`${line}\n`),
    json: (value) => print(JSON.stringify(value, null, 2)),
    table: (rows, columns) => {
      for (const line of table(rows, columns, { columns: env.columns, paint })) print(line)
    },
    confirm,
  }
}

async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // Ctrl-C and the end of the input are a no.
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('n')))
  try {
    const answer = await Promise.race([lines.question(`${question} [Y/n] `), closed])
    return /^(?:y|yes|)$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}
