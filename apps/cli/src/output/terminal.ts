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
  }
}
