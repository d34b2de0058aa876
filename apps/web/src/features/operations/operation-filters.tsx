'use client'

import { operationVerbs } from '@skykeep/core/operation-verbs'
import { operationStatuses } from '@skykeep/core/statuses'
import { SearchField } from '#src/components/ui/search-field.tsx'
import { SelectField } from '#src/components/ui/select-field.tsx'
import { TextFilter } from '#src/components/ui/text-filter.tsx'
import { TimeFilter } from '#src/components/ui/time-filter.tsx'
import { timeOfUrl } from '#src/format/local-minute.ts'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { operationVisuals } from '#src/status/visuals.ts'

/** What the URL asks of the list of operations. */
export function useOperationFilters() {
  const url = useUrlFilters()
  const text = (key: string): string | undefined => url.get(key) ?? undefined
  return {
    search: text('search'),
    status: operationStatuses.find((each) => each === url.get('status')),
    verb: operationVerbs.find((each) => each === url.get('verb')),
    by: text('by'),
    service: text('service'),
    fromMs: timeOfUrl(url.get('from')) ?? undefined,
    untilMs: timeOfUrl(url.get('until')) ?? undefined,
  }
}

/** The fields of those filters; a new one starts at the first page. */
export function OperationFilters() {
  const url = useUrlFilters()
  const filters = useOperationFilters()
  const set = (key: string) => (value: string | null) => url.set({ [key]: value, cursor: null })
  const setTime = (key: string) => (atMs: number | null) => set(key)(atMs === null ? null : String(atMs))
  return (
    <search aria-label="Filter operations" className="flex flex-wrap gap-2">
      <SearchField label="Search target or verb" initial={filters.search ?? ''} onSearch={set('search')} />
      <SelectField
        label="Status"
        value={filters.status ?? ''}
        onChange={set('status')}
        choices={[
          { value: '', label: 'All statuses' },
          ...operationStatuses.map((value) => ({ value, label: operationVisuals[value].label })),
        ]}
      />
      <SelectField
        label="Verb"
        value={filters.verb ?? ''}
        onChange={set('verb')}
        choices={[
          { value: '', label: 'All verbs' },
          ...operationVerbs.map((value) => ({ value, label: value.replaceAll('.', ' ') })),
        ]}
      />
      <TextFilter label="Service" initial={filters.service ?? ''} onChange={set('service')} />
      <TextFilter label="Asked by" initial={filters.by ?? ''} onChange={set('by')} />
      <TimeFilter label="From" atMs={filters.fromMs ?? null} onChange={setTime('from')} />
      <TimeFilter label="Until" atMs={filters.untilMs ?? null} onChange={setTime('until')} />
    </search>
  )
}
