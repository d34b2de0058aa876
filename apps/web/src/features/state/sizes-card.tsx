'use client'

import { useQuery } from '@tanstack/react-query'
import type { PartSizeView, SizesView } from '@skykeep/core/state-views'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { bytes, plural } from '#src/format/quantity.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { QueryCard } from './query-card.tsx'

interface Part extends Pick<PartSizeView, 'name' | 'bytes' | 'isCutShort'> {
  /** Null: one file, or not files at all. */
  readonly files: number | null
}

/** What the database, its log and each part of the persistent path take, the largest first. */
export function SizesCard() {
  const trpc = useTRPC()
  const sizes = useQuery(trpc.state.sizes.queryOptions())
  return (
    <QueryCard
      title="What takes space"
      query={sizes}
      kept="Nothing was changed: it is only counted."
      skeletonRows={8}
      note={
        sizes.data === undefined ? undefined : (
          <>
            counted <RelativeTime atMs={sizes.data.atMs} />
          </>
        )
      }
    >
      {(data) => <Parts parts={partsOf(data)} />}
    </QueryCard>
  )
}

function Parts({ parts }: { readonly parts: readonly Part[] }) {
  const present = parts.filter((part) => part.bytes > 0)
  const empty = parts.filter((part) => part.bytes === 0).map(({ name }) => name)
  const most = Math.max(1, ...present.map((part) => part.bytes))
  return (
    <div className="flex flex-col gap-2.5 p-4">
      <ul aria-label="What takes space" className="flex flex-col gap-2.5">
        {present.map((part) => (
          <li key={part.name}>
            <p className="flex flex-wrap items-baseline gap-x-3">
              <span className="first-letter:uppercase">{part.name}</span>
              {part.files === null ? null : (
                <span className="text-[0.88rem] text-soft">
                  {part.isCutShort ? 'more than ' : ''}
                  {plural(part.files, 'file')}
                </span>
              )}
              <span className="ml-auto tabular-nums">
                {part.isCutShort ? 'at least ' : ''}
                {bytes(part.bytes)}
              </span>
            </p>
            <div aria-hidden className="mt-1 h-1 rounded-full bg-sunken">
              <div
                className="h-full rounded-full bg-accent"
                style={{ width: `${Math.max(1, (100 * part.bytes) / most)}%` }}
              />
            </div>
          </li>
        ))}
      </ul>
      {empty.length === 0 ? null : <p className="text-soft">Empty: {empty.join(', ')}.</p>}
    </div>
  )
}

/** Largest first; the write-ahead log stands with its database. */
function partsOf({ databaseBytes, walBytes, parts }: SizesView): readonly Part[] {
  const file = { files: null, isCutShort: false }
  return [
    ...(databaseBytes === null ? [] : [{ name: 'database', bytes: databaseBytes, ...file }]),
    ...(walBytes === null ? [] : [{ name: 'write-ahead log of the database', bytes: walBytes, ...file }]),
    ...parts,
  ].toSorted((a, b) => b.bytes - a.bytes)
}
