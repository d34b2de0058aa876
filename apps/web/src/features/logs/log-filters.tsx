'use client'

import { SearchField } from '#src/components/ui/search-field.tsx'
import { SelectField, type Choice } from '#src/components/ui/select-field.tsx'
import type { UrlFilters } from '#src/navigation/url-filters.ts'

/** Which replica's log, and which of its lines; all of it in the URL. */
export function LogFilters({
  url,
  replica,
  choices,
}: {
  readonly url: UrlFilters
  readonly replica: string
  readonly choices: readonly Choice[]
}) {
  return (
    <>
      <SelectField
        label="Replica"
        value={replica}
        choices={[...choices, { value: 'all', label: 'All replicas' }]}
        onChange={(id) => url.set({ replica: id })}
      />
      <SearchField
        label="Search the stored lines"
        initial={url.get('find') ?? ''}
        onSearch={(text) => url.set({ find: text.trim() })}
      />
      <Moment label="Since" value={url.get('since')} onChange={(since) => url.set({ since })} />
      <Moment label="Until" value={url.get('until')} onChange={(until) => url.set({ until })} />
    </>
  )
}

function Moment({
  label,
  value,
  onChange,
}: {
  readonly label: string
  readonly value: string | null
  readonly onChange: (value: string) => void
}) {
  return (
    <label className="flex items-center gap-1.5 text-soft max-sm:flex-1">
      {label}
      <input
        type="datetime-local"
        step={1}
        defaultValue={value ?? ''}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        className="h-8 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-2 text-ink"
      />
    </label>
  )
}
