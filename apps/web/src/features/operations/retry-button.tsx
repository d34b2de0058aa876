'use client'

import { useMutation } from '@tanstack/react-query'
import { RotateCw } from 'lucide-react'
import type { OperationView } from '@skykeep/core/views'
import { AskButton } from '#src/components/ui/ask-button.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { useNotify } from '#src/components/ui/toasts.tsx'
import { useMay } from '#src/session/use-may.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { operationTitle } from './operation-title.ts'

/** Takes an operation that was set aside back into the loop, with what of its service was; nothing for any other. */
export function RetryButton({ operation }: { readonly operation: OperationView }) {
  const trpc = useTRPC()
  const notify = useNotify()
  const mayWrite = useMay('service:write')
  const retry = useMutation(
    trpc.operations.retry.mutationOptions({
      onSuccess: () => notify({ tone: 'ok', title: 'Tried again', text: 'Its progress stands here.' }),
    }),
  )
  const { uid, setAsideReason, finishedAtMs } = operation
  if (!mayWrite || setAsideReason === null || finishedAtMs !== null) return null
  return (
    <AskButton
      trigger={
        <Button>
          <RotateCw aria-hidden />
          Try again
        </Button>
      }
      title={`Try ${operationTitle(operation)} again?`}
      confirmLabel="Try again"
      isDanger={false}
      asking={retry}
      input={{ uid }}
    >
      <p>It was set aside: {setAsideReason}. What of its service was set aside with it is tried again too.</p>
    </AskButton>
  )
}
