'use client'

import { useNotify, type Undo } from '#src/components/ui/toasts.tsx'
import { useUrlFilters } from '#src/navigation/url-filters.ts'

/** The answer of a request whose operation can be followed; null: nothing was different, so there is nothing to follow. */
interface Asked {
  readonly operationUid: string | null
  readonly note?: string | null
}

/** What happens once a request was taken: a word in the corner with the way back where there is one, and its operation at the top of the page. */
export function useAsked(): (title: string, undo?: Undo) => (answer: Asked) => void {
  const notify = useNotify()
  const url = useUrlFilters()
  return (title, undo) =>
    ({ operationUid, note }) => {
      if (operationUid === null) {
        notify({ tone: 'ok', title: 'Nothing to do', text: note ?? 'It is as asked for already.' })
        return
      }
      notify({ tone: 'ok', title, text: note ?? 'Its progress stands on this page.', undo })
      url.set({ operation: operationUid }, 'push')
    }
}
