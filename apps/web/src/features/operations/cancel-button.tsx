'use client'

import { useMutation } from '@tanstack/react-query'
import { Ban } from 'lucide-react'
import { cancelWayOf } from '@skykeep/core/operation-verbs'
import type { OperationView } from '@skykeep/core/views'
import { AskButton } from '#src/components/ui/ask-button.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { useNotify } from '#src/components/ui/toasts.tsx'
import { useMay } from '#src/session/use-may.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { operationTitle } from './operation-title.ts'

/** Undoes a request that is under way, after saying what becomes of the service; says why where that cannot be. */
export function CancelButton({ operation }: { readonly operation: OperationView }) {
  const trpc = useTRPC()
  const notify = useNotify()
  const mayWrite = useMay('service:write')
  const cancel = useMutation(
    trpc.operations.cancel.mutationOptions({
      onSuccess: ({ message }) => notify({ tone: 'ok', title: 'Cancelled', text: message }),
    }),
  )
  const { uid, verb, finishedAtMs, cancelRequestedAtMs } = operation
  if (!mayWrite || finishedAtMs !== null || cancelRequestedAtMs !== null) return null
  const way = cancelWayOf(verb)
  if (way.to === null) {
    return (
      <p className="text-soft">
        {way.why} {way.instead}
      </p>
    )
  }
  return (
    <AskButton
      trigger={
        <Button look="danger-outline">
          <Ban aria-hidden />
          Cancel the operation
        </Button>
      }
      title={`Cancel ${operationTitle(operation)}?`}
      confirmLabel="Cancel it"
      asking={cancel}
      input={{ uid }}
      kept="The operation goes on."
    >
      <p>{way.promise}</p>
    </AskButton>
  )
}
