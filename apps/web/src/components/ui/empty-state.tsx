import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { CommandLine } from './copy-button.tsx'

/** Nothing to show, and what to do about it. */
export function EmptyState({
  icon: Icon,
  title,
  children,
  command,
}: {
  readonly icon: LucideIcon
  readonly title: string
  readonly children?: ReactNode
  readonly command?: string
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-10 text-center">
      <Icon aria-hidden className="size-7 text-soft" strokeWidth={1.5} />
      <p className="font-semibold">{title}</p>
      {children === undefined ? null : <div className="max-w-prose text-soft">{children}</div>}
      {command === undefined ? null : (
        <div className="mt-2 max-w-full">
          <CommandLine command={command} />
        </div>
      )}
    </div>
  )
}
