'use client'

import { useUrlFilters } from './url-filters.ts'

export interface PagedFilters {
  readonly search: string | undefined
  readonly status: string | undefined
  readonly cursor: string | undefined
  readonly setSearch: (text: string) => void
  readonly setStatus: (status: string) => void
  /** What a pager needs, given the cursor of the next page. */
  readonly pager: (nextCursor: string | null) => {
    readonly pageNumber: number
    readonly onPrevious: (() => void) | null
    readonly onNext: (() => void) | null
  }
}

/**
 * Search, status and page of a list, in the URL. The page is the trail of cursors that led to it, so that the way back needs no memory
 * of the browser. A new filter starts at the first page.
 */
export function usePagedFilters(): PagedFilters {
  const url = useUrlFilters()
  const trail = url.all('cursor')
  return {
    search: url.get('search') ?? undefined,
    status: url.get('status') ?? undefined,
    cursor: trail.at(-1),
    setSearch: (text) => url.set({ search: text, cursor: null }),
    setStatus: (status) => url.set({ status, cursor: null }),
    pager: (nextCursor) => ({
      pageNumber: trail.length + 1,
      onPrevious: trail.length === 0 ? null : () => url.set({ cursor: trail.slice(0, -1) }, 'push'),
      onNext: nextCursor === null ? null : () => url.set({ cursor: [...trail, nextCursor] }, 'push'),
    }),
  }
}
