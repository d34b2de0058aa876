'use client'

import { usePathname, useSearchParams } from 'next/navigation'

type Patch = Readonly<Record<string, string | readonly string[] | null>>

/** The search parameters with a patch applied: null and empty take a key away, a list repeats it. Pure. */
export function patchedSearch(current: string, patch: Patch): string {
  const next = new URLSearchParams(current)
  for (const [key, value] of Object.entries(patch)) {
    next.delete(key)
    const values = value === null || value === '' ? [] : typeof value === 'string' ? [value] : value
    for (const each of values) next.append(key, each)
  }
  return next.toString()
}

export interface UrlFilters {
  readonly get: (key: string) => string | null
  readonly all: (key: string) => readonly string[]
  /** Changes the URL without asking the server for the page again. `push` leaves the old one in the history. */
  readonly set: (patch: Patch, how?: 'replace' | 'push') => void
}

/** Filters that live in the URL, so that a view can be sent to somebody and survives a reload. */
export function useUrlFilters(): UrlFilters {
  const params = useSearchParams()
  const pathname = usePathname()
  return {
    get: (key) => params.get(key),
    all: (key) => params.getAll(key),
    set: (patch, how = 'replace') => {
      // The address bar is newer than `params` when two changes come in one tick.
      const search = patchedSearch(window.location.search, patch)
      const url = search === '' ? pathname : `${pathname}?${search}`
      if (how === 'push') window.history.pushState(null, '', url)
      else window.history.replaceState(null, '', url)
    },
  }
}
