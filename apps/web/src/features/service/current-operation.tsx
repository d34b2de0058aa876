'use client'

import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { Button } from '#src/components/ui/button.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { operationTitle } from '../operations/operation-title.ts'
import { OperationProgress } from '../operations/operation-progress.tsx'

/** The operation that was just asked for, with its progress, until it is closed. */
export function CurrentOperation({ uid, onClose }: { readonly uid: string; readonly onClose: () => void }) {
  const trpc = useTRPC()
  const operation = useQuery(trpc.operations.get.queryOptions({ uid }))
  if (operation.data === undefined) {
    return operation.isError ? (
      <ProblemNotice error={operation.error} kept="The operation itself goes on." />
    ) : (
      <div className="skeleton h-40" />
    )
  }
  return (
    <section aria-label={`Operation: ${operationTitle(operation.data)}`} className="relative">
      <OperationProgress operation={operation.data} />
      <Button
        look="quiet"
        isIcon
        aria-label="Hide the operation"
        className="absolute top-1.5 right-1.5"
        onClick={onClose}
      >
        <X aria-hidden />
      </Button>
    </section>
  )
}
