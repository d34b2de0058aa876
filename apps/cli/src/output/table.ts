import { toneOf, type Paint } from './paint.ts'

export interface Column<T> {
  readonly title: string
  readonly cell: (row: T) => string
  readonly isStatus?: boolean
  /** The column that gives up width first when the terminal is narrow. */
  readonly isFlexible?: boolean
}

interface TableStyle {
  readonly columns: number
  readonly paint: Paint
}

const gap = 2
const narrowest = 8

/** Lines of a table that fits the terminal; the flexible column is cut with an ellipsis. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], style: TableStyle): string[] {
  const cells = rows.map((row) => columns.map((column) => flat(column.cell(row))))
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((line) => line[index]?.length ?? 0)),
  )
  const excess = widths.reduce((sum, width) => sum + width + gap, -gap) - style.columns
  const flexible = columns.findIndex((column) => column.isFlexible === true)
  if (excess > 0 && flexible >= 0) {
    widths[flexible] = Math.max(narrowest, (widths[flexible] ?? narrowest) - excess)
  }
  const lineOf = (texts: readonly string[], finish: (text: string, index: number) => string): string =>
    texts
      .map((text, index) => finish(fit(text, widths[index] ?? text.length), index))
      .join(' '.repeat(gap))
      .trimEnd()
  const head = lineOf(
    columns.map((column) => column.title),
    (text) => style.paint('bold', text),
  )
  const body = cells.map((line) =>
    lineOf(line, (text, index) =>
      columns[index]?.isStatus === true ? style.paint(toneOf(text.trim()), text) : text,
    ),
  )
  return [head, ...body]
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)
}

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
