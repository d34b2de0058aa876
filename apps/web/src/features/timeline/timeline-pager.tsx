'use client'

import { useQuery } from '@tanstack/react-query'
import { Button } from '#src/components/ui/button.tsx'
import { count } from '#src/format/quantity.ts'
import { timeOfUrl } from '#src/format/local-minute.ts'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { useTimelineFilters } from './use-timeline-filters.ts'

/** Older and newer pages; says whether the top is live, and what has come since where it is not. */
export function TimelinePager({
  trail,
  nextCursor,
  total,
}: {
  /** Where each page on the way here began. */
  readonly trail: readonly string[]
  readonly nextCursor: string | null
  readonly total: number
}) {
  const url = useUrlFilters()
  return (
    <nav
      aria-label="Pages"
      className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2 text-soft"
    >
      <output className="mr-auto">
        {trail[0] === undefined ? (
          'Live: new events come at the top'
        ) : (
          <Since before={timeOfUrl(trail[0]) ?? 0} />
        )}
        . {count(total)} events are kept.
      </output>
      <Button disabled={trail.length === 0} onClick={() => url.set({ before: trail.slice(0, -1) }, 'push')}>
        Newer
      </Button>
      <Button
        disabled={nextCursor === null}
        onClick={() => nextCursor !== null && url.set({ before: [...trail, nextCursor] }, 'push')}
      >
        Older
      </Button>
    </nav>
  )
}

function Since({ before }: { readonly before: number }) {
  const trpc = useTRPC()
  const head = useQuery(trpc.events.list.queryOptions({ ...useTimelineFilters(), limit: 1 }))
  const newest = head.data?.items[0]?.seq ?? 0
  return <>Paused{newest >= before ? `: newer events have come, up to #${newest}` : ''}</>
}
