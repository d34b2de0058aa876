import type { ReactNode } from 'react'
import { cn } from './class-names.ts'

/** A table of so many columns fits a tablet. */
const fewColumns = 6

export interface Column<Row> {
  readonly id: string
  readonly header: string
  /** Null: it has none; a card leaves the line out. */
  readonly cell: (row: Row) => ReactNode
  readonly isNumber?: boolean
  /** Classes of the cell, such as a width. */
  readonly className?: string
}

/**
 * A table that turns into one card a row where it has too little room; browsers keep its roles whatever its `display`. The first column
 * names the row.
 */
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  isStale = false,
}: {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  /** True while a newer answer is on its way: dimmed, and nothing moves. */
  readonly isStale?: boolean
}) {
  return (
    <div className={columns.length > fewColumns ? '@container/table-many' : '@container/table-few'}>
      <table
        aria-label={label}
        aria-busy={isStale}
        className={cn('w-full border-collapse text-left stacked:block', isStale && 'opacity-60')}
      >
        <thead className="stacked:sr-only">
          <tr>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                className={cn(
                  'h-9 border-b border-line px-3 text-[0.85rem] font-medium whitespace-nowrap text-soft first:pl-4 last:pr-4',
                  column.isNumber && 'text-right',
                )}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="stacked:block">
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              className="relative border-b border-line last:border-b-0 hover:bg-sunken stacked:block stacked:px-4 stacked:py-3"
            >
              {columns.map((column, index) => (
                <Cell key={column.id} column={column} row={row} isFirst={index === 0} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Cell<Row>({
  column,
  row,
  isFirst,
}: {
  readonly column: Column<Row>
  readonly row: Row
  readonly isFirst: boolean
}) {
  const Tag = isFirst ? 'th' : 'td'
  const content = column.cell(row)
  return (
    <Tag
      {...(isFirst ? { scope: 'row' as const } : {})}
      className={cn(
        'px-3 py-2 align-top font-normal first:pl-4 last:pr-4 stacked:flex stacked:items-baseline stacked:gap-3 stacked:px-0 stacked:py-0.5 stacked:first:pl-0 stacked:last:pr-0',
        column.isNumber && 'text-right stacked:text-left',
        content === null && 'text-soft stacked:hidden',
        column.className,
      )}
    >
      {isFirst ? null : (
        <span aria-hidden className="hidden w-24 shrink-0 text-[0.85rem] text-soft stacked:block">
          {column.header}
        </span>
      )}
      <div className="min-w-0 stacked:flex-1">{content ?? '—'}</div>
    </Tag>
  )
}

/** Rows of the height of real ones while the first answer is on its way. */
export function TableSkeleton({ rows = 4 }: { readonly rows?: number }) {
  return (
    <output aria-label="Loading" className="block divide-y divide-line">
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} className="flex h-10 items-center gap-6 px-4">
          <span className="skeleton h-3.5 w-32" />
          <span className="skeleton h-5 w-20 rounded-full" />
          <span className="skeleton h-3.5 w-40 max-sm:hidden" />
          <span className="skeleton ml-auto h-3.5 w-16" />
        </span>
      ))}
    </output>
  )
}
