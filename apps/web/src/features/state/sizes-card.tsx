'use client'

import { useQuery } from '@tanstack/react-query'
import type { PartSizeView, SizesView } from '@skykeep/core/state-views'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { bytes, count } from '#src/format/quantity.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { QueryCard } from './query-card.tsx'

interface Row extends Pick<PartSizeView, 'name' | 'isCutShort'> {
  /** Null: not told. */
  readonly bytes: number | null
  readonly files: number | null
}

const columns: readonly Column<Row>[] = [
  {
    id: 'part',
    header: 'Part',
    cell: ({ name }) => <span className="inline-block first-letter:uppercase">{name}</span>,
  },
  {
    id: 'size',
    header: 'Size',
    isNumber: true,
    cell: (row) => (row.bytes === null ? null : `${row.isCutShort ? 'at least ' : ''}${bytes(row.bytes)}`),
  },
  {
    id: 'files',
    header: 'Files',
    isNumber: true,
    cell: ({ files, isCutShort }) =>
      files === null ? null : `${isCutShort ? 'more than ' : ''}${count(files)}`,
  },
]

/** What the database, its log and each part of the persistent path take. */
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
      {(data) => (
        <DataTable
          label="What takes space"
          columns={columns}
          rows={rowsOf(data)}
          rowKey={({ name }) => name}
        />
      )}
    </QueryCard>
  )
}

function rowsOf({ databaseBytes, walBytes, parts }: SizesView): readonly Row[] {
  const file = { files: null, isCutShort: false }
  return [
    { name: 'database', bytes: databaseBytes, ...file },
    ...(walBytes === null ? [] : [{ name: 'write-ahead log', bytes: walBytes, ...file }]),
    ...parts,
  ]
}
