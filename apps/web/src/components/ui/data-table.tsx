import type { ReactNode } from 'react'
import { cn } from './class-names.ts'

export interface Column<Row> {
  readonly id: string
  readonly header: string
  /** Null: it has none; the phone's card leaves the line out. */
  readonly cell: (row: Row) => ReactNode
  readonly isNumber?: boolean
  /** Classes of the cell on wide screens, such as a width. */
  readonly className?: string
}

/**
 * A table that turns into one card a row on a phone; browsers keep its roles whatever its `display`. The first column names the row.
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
    <table
      aria-label={label}
      aria-busy={isStale}
      className={cn('w-full border-collapse text-left max-md:block', isStale && 'opacity-60')}
    >
      <thead className="max-md:sr-only">
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
      <tbody className="max-md:block">
        {rows.map((row) => (
          <tr
            key={rowKey(row)}
            className="relative border-b border-line last:border-b-0 hover:bg-sunken max-md:block max-md:px-4 max-md:py-3"
          >
            {columns.map((column, index) => (
              <Cell key={column.id} column={column} row={row} isFirst={index === 0} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
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
        'px-3 py-2 align-top font-normal first:pl-4 last:pr-4 max-md:flex max-md:items-baseline max-md:gap-3 max-md:px-0 max-md:py-0.5 max-md:first:pl-0 max-md:last:pr-0',
        column.isNumber && 'md:text-right',
        content === null && 'text-soft max-md:hidden',
        column.className,
      )}
    >
      {isFirst ? null : (
        <span aria-hidden className="w-24 shrink-0 text-[0.85rem] text-soft md:hidden">
          {column.header}
        </span>
      )}
      <div className="min-w-0 max-md:flex-1">{content ?? '—'}</div>
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
