import type { Mark } from '#src/components/chart/series.ts'
import { Card } from '#src/components/ui/card.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'

/** What the upright lines of the charts stand for, newest first. */
export function MarkList({ marks }: { readonly marks: readonly Mark[] }) {
  if (marks.length === 0) return null
  return (
    <Card title="Marked in the charts" isFlush>
      <ul className="divide-y divide-line">
        {marks.toReversed().map(({ atSecond, label }) => (
          <li key={`${atSecond} ${label}`} className="flex flex-wrap justify-between gap-x-4 px-4 py-2">
            <span>{label}</span>
            <span className="text-soft">
              <RelativeTime atMs={atSecond * 1000} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
