'use client'

import { eventSeverities } from '@skykeep/core/event-severity'
import { eventTypes, type EventType } from '@skykeep/core/events'
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
    type: typesOf(url.get('type')),
    severity: eventSeverities.find((each) => each === url.get('severity')),
    service: text('service'),
    uid: text('uid'),
    cause: text('cause'),
    by: text('by'),
    fromMs: timeOfUrl(url.get('from')) ?? undefined,
    untilMs: timeOfUrl(url.get('until')) ?? undefined,
  }
}

/** The types that a URL names, parted by commas; undefined: it names none that there is. */
function typesOf(text: string | null): EventType[] | undefined {
  const wanted = wordsOf(text)
  const types = eventTypes.filter((type) => wanted.includes(type))
  return types.length === 0 ? undefined : types
}

/** What a URL gives as a type and is none. */
export function unknownTypesOf(text: string | null): readonly string[] {
  const known: readonly string[] = eventTypes
  return wordsOf(text).filter((word) => !known.includes(word))
}

function wordsOf(text: string | null): readonly string[] {
  return (text ?? '').split(',').filter((word) => word !== '')
}
