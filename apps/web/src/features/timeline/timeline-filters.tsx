'use client'

import { eventSeverities } from '@skykeep/core/event-severity'
import { eventTypes } from '@skykeep/core/events'
import { unknownWord } from '@skykeep/spec/suggest'
import { Button } from '#src/components/ui/button.tsx'
import { SearchField } from '#src/components/ui/search-field.tsx'
import { SelectField } from '#src/components/ui/select-field.tsx'
import { TextFilter } from '#src/components/ui/text-filter.tsx'
import { TimeFilter } from '#src/components/ui/time-filter.tsx'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { quickViews } from './quick-views.ts'
import { eventKinds, unknownTypesOf, useTimelineFilters } from './use-timeline-filters.ts'

const choices = (all: string, values: readonly string[]) => [
  { value: '', label: all },
  ...values.map((value) => ({ value, label: value })),
]

const none = {
  search: null,
  kind: null,
  type: null,
  severity: null,
  service: null,
  uid: null,
  cause: null,
  by: null,
  from: null,
  until: null,
  before: null,
}

/** The filters of the log, and the looks that are taken most. A new one starts at the newest event. */
export function TimelineFilters() {
  const url = useUrlFilters()
  const filters = useTimelineFilters()
  const set = (key: string) => (value: string | null) => url.set({ [key]: value, before: null })
  const setTime = (key: string) => (atMs: number | null) => set(key)(atMs === null ? null : String(atMs))
  const types = filters.type?.join() ?? ''
  const isAny = Object.values(filters).some((value) => value !== undefined)
  return (
    <search aria-label="Filter events" className="grid gap-2">
      <fieldset className="flex flex-wrap gap-2">
        <legend className="sr-only">Quick views</legend>
        {quickViews.map(({ label, patch }) => (
          <Button key={label} onClick={() => url.set({ ...patch(Date.now()), before: null }, 'push')}>
            {label}
          </Button>
        ))}
        {isAny ? (
          <Button look="quiet" onClick={() => url.set(none, 'push')}>
            Clear filters
          </Button>
        ) : null}
      </fieldset>
      {unknownTypesOf(url.get('type')).map((word) => (
        <p key={word} role="alert" className="text-warn">
          type: {unknownWord('event type', word, eventTypes)} It is left out here.
        </p>
      ))}
      {/* The fields keep what is typed: they begin anew when a link or a quick view sets another text. */}
      <div key={isAny ? 'some' : 'none'} className="flex flex-wrap gap-2">
        <SearchField label="Search messages" initial={filters.search ?? ''} onSearch={set('search')} />
        <SelectField
          label="Kind"
          value={filters.kind ?? ''}
          onChange={set('kind')}
          choices={choices('All kinds', eventKinds)}
        />
        <SelectField
          label="Type"
          value={types}
          onChange={set('type')}
          choices={choices('All types', types.includes(',') ? [types, ...eventTypes] : eventTypes)}
        />
        <SelectField
          label="Severity"
          value={filters.severity ?? ''}
          onChange={set('severity')}
          choices={choices('All severities', eventSeverities)}
        />
        <TextFilter label="Service" initial={filters.service ?? ''} onChange={set('service')} />
        <TextFilter label="Person" initial={filters.by ?? ''} onChange={set('by')} />
        <TextFilter label="Replica or row id" initial={filters.uid ?? ''} onChange={set('uid')} />
        <TextFilter label="Caused by (id)" initial={filters.cause ?? ''} onChange={set('cause')} />
        <TimeFilter label="From" atMs={filters.fromMs ?? null} onChange={setTime('from')} />
        <TimeFilter label="Until" atMs={filters.untilMs ?? null} onChange={setTime('until')} />
      </div>
    </search>
  )
}
