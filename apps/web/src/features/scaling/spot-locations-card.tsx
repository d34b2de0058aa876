import type { SpotLocation } from '@skykeep/core/nouns'
import { placeName } from '@skykeep/core/place'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { spotLocationVisuals } from '#src/status/visuals.ts'

const columns: readonly Column<SpotLocation>[] = [
  {
    id: 'place',
    header: 'Place',
    cell: (location) => <span className="font-medium">{placeName(location)}</span>,
  },
  {
    id: 'status',
    header: 'State',
    cell: ({ status }) => <StatusBadge visual={spotLocationVisuals[status]} />,
  },
  {
    id: 'since',
    header: 'Since',
    isNumber: true,
    cell: ({ changedAtMs }) => <RelativeTime atMs={changedAtMs} />,
  },
]

/** How launches and preemptions showed the places for spot replicas; nothing where none was tried. */
export function SpotLocationsCard({ locations }: { readonly locations: readonly SpotLocation[] }) {
  if (locations.length === 0) return null
  return (
    <Card title="Places for spot replicas" isFlush>
      <DataTable
        label="Places for spot replicas"
        columns={columns}
        rows={locations}
        rowKey={({ infra, region, zone }) => `${infra}/${region}/${zone}`}
      />
    </Card>
  )
}
