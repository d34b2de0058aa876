'use client'

import { useQuery } from '@tanstack/react-query'
import { BadgeX } from 'lucide-react'
import type { TokenRevocationView } from '@skykeep/core/service-key-views'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, TableSkeleton, type Column } from '#src/components/ui/data-table.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { useMay } from '#src/session/use-may.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { RevokeTokensButton } from './revoke-tokens-button.tsx'

const columns: readonly Column<TokenRevocationView>[] = [
  { id: 'value', header: 'Whose', cell: ({ value }) => <span className="break-all">{value}</span> },
  {
    id: 'kind',
    header: 'What',
    cell: ({ kind }) => (kind === 'token' ? 'The token with this jti' : 'All tokens of this sub until then'),
  },
  {
    id: 'when',
    header: 'Revoked',
    cell: ({ revokedAtMs, revokedBy }) => (
      <>
        <RelativeTime atMs={revokedAtMs} /> by {revokedBy}
      </>
    ),
  },
]

/** Signed tokens that are refused before they expire. */
export function RevokedTokensCard({ name }: { readonly name: string }) {
  const trpc = useTRPC()
  const mayWrite = useMay('service:write')
  const revoked = useQuery(trpc.serviceKeys.revokedTokens.queryOptions({ service: name }))
  return (
    <Card
      title="Revoked tokens"
      actions={mayWrite ? <RevokeTokensButton service={name} /> : undefined}
      isFlush
    >
      {revoked.isError ? (
        <div className="p-4">
          <ProblemNotice
            error={revoked.error}
            kept="What was revoked stays so, whether or not it can be shown here."
            onRetry={() => void revoked.refetch()}
          />
        </div>
      ) : revoked.data === undefined ? (
        <TableSkeleton rows={2} />
      ) : revoked.data.length === 0 ? (
        <EmptyState
          icon={BadgeX}
          title="No token was revoked"
          command={`npx skykeep key revoke-tokens ${name} --subject SUB`}
        >
          Tokens end by themselves. One that got into wrong hands is ended before, by its jti or with all
          others of its subject:
        </EmptyState>
      ) : (
        <DataTable label="Revoked tokens" columns={columns} rows={revoked.data} rowKey={({ uid }) => uid} />
      )}
    </Card>
  )
}
