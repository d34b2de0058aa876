import type { ReactNode } from 'react'

/** The page's one heading with what belongs beside it. */
export function PageHeader({
  title,
  badge,
  children,
  actions,
}: {
  readonly title: string
  readonly badge?: ReactNode
  readonly children?: ReactNode
  readonly actions?: ReactNode
}) {
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="text-[1.45rem] leading-tight font-semibold tracking-tight wrap-anywhere">{title}</h1>
          {badge}
        </div>
        {children === undefined ? null : <div className="mt-1 text-soft">{children}</div>}
      </div>
      {actions === undefined ? null : <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  )
}
