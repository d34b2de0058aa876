'use client'

import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { Button } from '#src/components/ui/button.tsx'
import { useNotify } from '#src/components/ui/toasts.tsx'
import { provenFetch } from '#src/session/proven-fetch.ts'
import { useTimelineFilters } from './use-timeline-filters.ts'

const formats = [
  { format: 'jsonl', label: 'JSON lines' },
  { format: 'csv', label: 'CSV' },
] as const

/** Saves what the filters let through as a file, at most the newest 100,000 events. */
export function ExportButtons() {
  const filters = useTimelineFilters()
  const notify = useNotify()
  const save = useMutation({
    mutationFn: async (format: string) => {
      const params = new URLSearchParams({ format })
      for (const [key, value] of Object.entries(filters))
        if (value !== undefined) params.set(key, String(value))
      const response = await provenFetch(`/api/exports/events?${params.toString()}`)
      if (!response.ok) throw new Error(`The export was refused (${response.status}).`)
      saveAs(await response.blob(), `skykeep-events.${format}`)
    },
    onError: ({ message }) => notify({ tone: 'bad', title: 'Not exported', text: message }),
  })
  return (
    <fieldset className="flex flex-wrap gap-2">
      <legend className="sr-only">Export</legend>
      {formats.map(({ format, label }) => (
        <Button
          key={format}
          disabled={save.isPending}
          aria-label={`Export as ${label}`}
          onClick={() => save.mutate(format)}
        >
          <Download aria-hidden />
          {label}
        </Button>
      ))}
    </fieldset>
  )
}

function saveAs(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
