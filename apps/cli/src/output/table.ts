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

/**
 * Lines of a table that fits the terminal: the flexible column is cut with an ellipsis, and where no room is left for it each row has it
 * on a line of its own.
 */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], style: TableStyle): string[] {
  const flexible = columns.find(({ isFlexible }) => isFlexible === true)
  const fixed = columns.filter((column) => column !== flexible)
  const widths = new Map(columns.map((column) => [column, widthOf(column, rows)]))
  const taken = fixed.reduce((sum, column) => sum + (widths.get(column) ?? 0) + gap, 0)
  const left = style.columns - taken
  if (flexible === undefined) return lines(rows, { columns, widths, style })
  const wanted = widths.get(flexible) ?? 0
  if (left >= Math.min(wanted, narrowest)) {
    widths.set(flexible, Math.min(wanted, left))
    return lines(rows, { columns, widths, style })
  }
  const [head = '', ...body] = lines(rows, { columns: fixed, widths, style })
  const below = rows.map((row) => flat(flexible.cell(row)))
  return [
    head,
    ...body.flatMap((line, index) => {
      const text = below[index] ?? ''
      return text === '' ? [line] : [line, `  ${fit(text, style.columns - gap).trimEnd()}`]
    }),
  ]
}

interface Sized<T> {
  readonly columns: readonly Column<T>[]
  readonly widths: ReadonlyMap<Column<T>, number>
  readonly style: TableStyle
}

function lines<T>(rows: readonly T[], { columns, widths, style }: Sized<T>): string[] {
  const join = (cells: readonly string[]): string => cells.join(' '.repeat(gap)).trimEnd()
  const head = columns.map((column) => style.paint('bold', fit(column.title, widths.get(column) ?? 0)))
  const body = rows.map((row) =>
    columns.map((column) => {
      const text = fit(flat(column.cell(row)), widths.get(column) ?? 0)
      return column.isStatus === true ? style.paint(toneOf(text.trim()), text) : text
    }),
  )
  return [head, ...body].map(join)
}

function widthOf<T>({ title, cell }: Column<T>, rows: readonly T[]): number {
  return Math.max(title.length, ...rows.map((row) => flat(cell(row)).length))
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)
}

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
