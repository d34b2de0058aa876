'use client'

import { useQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { CreatedServiceKeyView } from '@skykeep/core/service-key-views'
import { Card } from '#src/components/ui/card.tsx'
import { TableSkeleton } from '#src/components/ui/data-table.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { useMay } from '#src/session/use-may.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { CreateKeyButton } from './create-key-button.tsx'
import { KeysTable } from './keys-table.tsx'
import { NewKey } from './new-key.tsx'

/** The keys of a service; one that is made here is shown until it is put away, and never again. */
export function KeysCard({
  name,
  isKeyRequired,
}: {
  readonly name: string
  readonly isKeyRequired: boolean
}) {
  const trpc = useTRPC()
  const mayWrite = useMay('service:write')
  const keys = useQuery(trpc.serviceKeys.list.queryOptions({ service: name }))
  const [created, setCreated] = useState<CreatedServiceKeyView | null>(null)
  return (
    <Card
      title="Keys"
      note={isKeyRequired ? undefined : 'The service asks for none.'}
      actions={mayWrite ? <CreateKeyButton name={name} onCreated={setCreated} /> : undefined}
      isFlush
    >
      {created === null ? null : <NewKey created={created} onDone={() => setCreated(null)} />}
      {keys.isError ? (
        <div className="p-4">
          <ProblemNotice
            error={keys.error}
            kept="Keys hold whether or not they can be shown here."
            onRetry={() => void keys.refetch()}
          />
        </div>
      ) : keys.data === undefined ? (
        <TableSkeleton rows={2} />
      ) : keys.data.length === 0 ? (
        <EmptyState icon={KeyRound} title="No key yet" command={`npx skykeep key create ${name} mobile-app`}>
          One for each program that asks, so that one can be ended without the others
          {mayWrite ? ': make it here, or in a terminal:' : ':'}
        </EmptyState>
      ) : (
        <KeysTable name={name} keys={keys.data} mayWrite={mayWrite} />
      )}
    </Card>
  )
}
