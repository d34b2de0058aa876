'use client'

import { useMutation } from '@tanstack/react-query'
import { PowerOff } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#src/components/ui/button.tsx'
import { ConfirmDialog } from '#src/components/ui/confirm-dialog.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { useNotify } from '#src/components/ui/toasts.tsx'
import { useTRPC } from '#src/trpc/client.ts'

/** Takes a service down, after asking; hands on the operation that does it. */
export function TerminateButton({
  name,
  onAsked,
}: {
  readonly name: string
  readonly onAsked: (operationUid: string) => void
}) {
  const trpc = useTRPC()
  const notify = useNotify()
  const [isOpen, setOpen] = useState(false)
  const down = useMutation(
    trpc.services.down.mutationOptions({
      onSuccess: ({ operationUid }) => {
        setOpen(false)
        notify({ tone: 'ok', title: `Taking ${name} down`, text: 'Its progress stands on this page.' })
        onAsked(operationUid)
      },
    }),
  )
  return (
    <ConfirmDialog
      isOpen={isOpen}
      isBusy={down.isPending}
      onOpenChange={(next) => {
        if (next) down.reset()
        setOpen(next)
      }}
      trigger={
        <Button look="danger-outline">
          <PowerOff aria-hidden />
          Terminate
        </Button>
      }
      title={`Terminate ${name}?`}
      confirmLabel="Terminate"
      onConfirm={() => down.mutate({ name })}
    >
      <p>
        Its replicas finish the requests they hold, then stop. Its port is given back and its address stops
        answering. Logs and history are kept. This cannot be undone.
      </p>
      {down.isError ? <ProblemNotice error={down.error} kept="Nothing was changed." /> : null}
    </ConfirmDialog>
  )
}
