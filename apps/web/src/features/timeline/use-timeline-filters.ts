'use client'

import { eventSeverities } from '@skykeep/core/event-severity'
import { eventTypes } from '@skykeep/core/events'
import { kinds } from '@skykeep/core/statuses'
import { timeOfUrl } from '#src/format/local-minute.ts'
import { useUrlFilters } from '#src/navigation/url-filters.ts'

export const eventKinds = [...kinds, 'system'] as const

/** What the URL asks of the log. */
export function useTimelineFilters() {
  const url = useUrlFilters()
  const text = (key: string): string | undefined => url.get(key) ?? undefined
  return {
    search: text('search'),
    kind: eventKinds.find((each) => each === url.get('kind')),
    type: eventTypes.find((each) => each === url.get('type')),
    severity: eventSeverities.find((each) => each === url.get('severity')),
    service: text('service'),
    uid: text('uid'),
    cause: text('cause'),
    by: text('by'),
    fromMs: timeOfUrl(url.get('from')) ?? undefined,
    untilMs: timeOfUrl(url.get('until')) ?? undefined,
  }
}
