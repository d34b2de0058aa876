'use client'

import { useQuery } from '@tanstack/react-query'
import type { MasterKeyView } from '@skykeep/core/state-views'
import { KeyValues } from '#src/components/ui/key-values.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { masterKeyVisuals } from '#src/status/state-visuals.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { QueryCard } from './query-card.tsx'

/** Where the master key comes from, whether it is the right one, and when it was last rotated. Never the key. */
export function MasterKeyCard() {
  const trpc = useTRPC()
  const key = useQuery(trpc.state.masterKey.queryOptions())
  return (
    <QueryCard title="Master key" query={key} kept="Secrets stay encrypted where they are.">
      {(data) => (
        <div className="p-4">
          <KeyValues rows={rowsOf(data)} />
        </div>
      )}
    </QueryCard>
  )
}

function rowsOf(key: MasterKeyView) {
  const { source, place, status, problem, hint, version, olderVersions, rotatedAtMs } = key
  const visual = masterKeyVisuals[status]
  return [
    {
      key: 'State',
      value: (
        <>
          <StatusBadge visual={visual} />
          <span className="mt-0.5 block text-soft">{visual.meaning}</span>
        </>
      ),
    },
    ...(problem === null ? [] : [{ key: 'Problem', value: problem }]),
    ...(hint === null ? [] : [{ key: 'What to do', value: hint }]),
    {
      key: source === 'file' ? 'In the file' : 'In the variable',
      value: <span className="font-mono wrap-anywhere">{place}</span>,
    },
    { key: 'Version', value: version === null ? 'None is here' : `v${version}` },
    ...(olderVersions.length === 0
      ? []
      : [{ key: 'Kept beside it', value: olderVersions.map((older) => `v${older}`).join(', ') }]),
    {
      key: 'Last rotated',
      value: rotatedAtMs === null ? 'Not as far as the log goes back' : <RelativeTime atMs={rotatedAtMs} />,
    },
  ]
}
