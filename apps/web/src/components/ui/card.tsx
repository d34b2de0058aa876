import { useId, type ReactNode } from 'react'
import { cn } from './class-names.ts'

/** A titled region of a page. */
export function Card({
  title,
  note,
  actions,
  children,
  className,
  isFlush = false,
}: {
  readonly title?: string | undefined
  readonly note?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
  readonly className?: string | undefined
  /** True: the content reaches the edges (tables, lists). */
  readonly isFlush?: boolean
}) {
  const titleId = useId()
  return (
    <section
      {...(title === undefined ? {} : { 'aria-labelledby': titleId })}
      className={cn('min-w-0 overflow-clip rounded-lg border border-line bg-surface', className)}
    >
      {title === undefined ? null : (
        <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
          <h2 id={titleId} className="font-semibold">
            {title}
          </h2>
          {note === undefined ? null : <div className="text-soft">{note}</div>}
          {actions === undefined ? null : <div className="ml-auto flex items-center gap-2">{actions}</div>}
        </header>
      )}
      <div className={cn(!isFlush && 'p-4')}>{children}</div>
    </section>
  )
}
