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
  /** Empties the screen of a terminal; elsewhere an empty line parts what follows. */
  clear(): void
  /** Asks the person; the empty answer is yes. Only where `isInteractive`. */
  confirm(question: string): Promise<boolean>
}

export function openTerminal(env: CliEnv): Terminal {
  const paint = painter(env.hasColours)
  const print = (line: string): void => void process.stdout.write(`${line}\n`)
  return {
    paint,
    print,
    write: (text) => void process.stdout.write(text),
    note: (line) => void process.stderr.write(`${line}\n`),
    json: (value) => print(JSON.stringify(value, null, 2)),
    table: (rows, columns) => {
      for (const line of table(rows, columns, { columns: env.columns, paint })) print(line)
    },
    clear: () => void process.stdout.write(process.stdout.isTTY === true ? '\u001B[2J\u001B[H' : '\n'),
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
