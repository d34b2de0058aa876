import { Card } from '#src/components/ui/card.tsx'
import { TableSkeleton } from '#src/components/ui/data-table.tsx'

export function OverviewSkeleton() {
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-4">
        {['services', 'replicas', 'operations', 'storage'].map((id) => (
          <div key={id} className="flex h-30 flex-col gap-3 rounded-lg border border-line bg-surface p-4">
            <div className="skeleton h-3.5 w-20" />
            <div className="skeleton h-6 w-16" />
          </div>
        ))}
      </div>
      <Card isFlush>
        <TableSkeleton rows={6} />
      </Card>
    </>
  )
}
