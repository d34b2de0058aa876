import { toneOf, type Paint } from './paint.ts'
import { fitted, flat, widthOf } from './width.ts'

export interface Column<T> {
  readonly title: string
  readonly cell: (row: T) => string
  readonly isStatus?: boolean
  /** The column that gives up width first when the terminal is narrow: sentences. */
  readonly isFlexible?: boolean
  /** Gives up width last: what a person copies, such as an id or an address. */
  readonly isKept?: boolean
}

interface TableStyle {
  /** Cells of a line. */
  readonly columns: number
  readonly paint: Paint
}

const gap = 2
/** A sentence in less room says nothing: it gets a line of its own. */
const narrowestSentence = 16
const narrowestCell = 3

/**
 * Lines of a table, none wider than the terminal. Sentences give up width first, and stand on a line of their own below their row where
 * little is left for them; then the widest of the other columns, and last those that are kept.
 */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], style: TableStyle): string[] {
  const widths = new Map(columns.map((column) => [column, widthOfColumn(column, rows)]))
  const flexible = columns.find(({ isFlexible }) => isFlexible === true)
  const others = columns.filter((column) => column !== flexible)
  const wanted = flexible === undefined ? 0 : (widths.get(flexible) ?? 0)
  const left = style.columns - totalOf(others, widths) - gap
  if (flexible === undefined || left < Math.min(wanted, narrowestSentence)) {
    shrink(others, widths, style.columns)
    const [head = '', ...body] = lines(rows, { columns: others, widths, style })
    if (flexible === undefined) return [head, ...body]
    return [head, ...body.flatMap((line, index) => [line].concat(below(flexible, rows[index], style)))]
  }
  widths.set(flexible, Math.min(wanted, left))
  return lines(rows, { columns, widths, style })
}

function below<T>({ cell }: Column<T>, row: T | undefined, { columns }: TableStyle): string[] {
  const text = row === undefined ? '' : flat(cell(row))
  return text === '' ? [] : [`  ${fitted(text, Math.max(1, columns - gap)).trimEnd()}`]
}

/** Makes columns narrower until all fit, the widest first; those that are kept only when the others cannot give more. */
function shrink<T>(columns: readonly Column<T>[], widths: Map<Column<T>, number>, room: number): void {
  for (const isLast of [false, true]) {
    const giving = columns.filter(({ isKept }) => isLast || isKept !== true)
    for (;;) {
      if (totalOf(columns, widths) <= room) return
      const widest = giving.toSorted((a, b) => (widths.get(b) ?? 0) - (widths.get(a) ?? 0))[0]
      const width = widest === undefined ? 0 : (widths.get(widest) ?? 0)
      if (widest === undefined || width <= narrowestCell) break
      widths.set(widest, width - 1)
    }
  }
}

function totalOf<T>(columns: readonly Column<T>[], widths: ReadonlyMap<Column<T>, number>): number {
  const cells = columns.reduce((sum, column) => sum + (widths.get(column) ?? 0), 0)
  return cells + gap * Math.max(0, columns.length - 1)
}

interface Sized<T> {
  readonly columns: readonly Column<T>[]
  readonly widths: ReadonlyMap<Column<T>, number>
  readonly style: TableStyle
}

function lines<T>(rows: readonly T[], { columns, widths, style }: Sized<T>): string[] {
  const join = (cells: readonly string[]): string => cells.join(' '.repeat(gap)).trimEnd()
  const head = columns.map((column) => style.paint('bold', fitted(column.title, widths.get(column) ?? 0)))
  const body = rows.map((row) =>
    columns.map((column) => {
      const whole = flat(column.cell(row))
      const text = fitted(whole, widths.get(column) ?? 0)
      return column.isStatus === true ? style.paint(toneOf(whole), text) : text
    }),
  )
  return [head, ...body].map(join)
}

function widthOfColumn<T>({ title, cell }: Column<T>, rows: readonly T[]): number {
  return Math.max(widthOf(title), ...rows.map((row) => widthOf(flat(cell(row)))))
}
