'use client'

import type { ReactNode } from 'react'
import { useUrlFilters } from '#src/navigation/url-filters.ts'

/** A name in a list that, pressed, is the one shown in full: its choice is in the URL. */
export function UrlChoice({
  filter,
  value,
  isChosen,
  children,
}: {
  /** Key in the URL. */
  readonly filter: string
  readonly value: string
  readonly isChosen: boolean
  readonly children: ReactNode
}) {
  const url = useUrlFilters()
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={() => url.set({ [filter]: value })}
      className="text-left font-medium text-accent hover:underline aria-pressed:text-ink"
    >
      {children}
    </button>
  )
}
