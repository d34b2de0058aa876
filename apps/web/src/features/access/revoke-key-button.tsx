'use client'

import { useMutation } from '@tanstack/react-query'
import { Ban } from 'lucide-react'
import { AskButton } from '#src/components/ui/ask-button.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { useNotify } from '#src/components/ui/toasts.tsx'
import { useTRPC } from '#src/trpc/client.ts'

/** Ends a key, after asking; closes once every gateway refuses it. */
export function RevokeKeyButton({ service, name }: { readonly service: string; readonly name: string }) {
  const trpc = useTRPC()
  const notify = useNotify()
  const revoke = useMutation(
    trpc.serviceKeys.revoke.mutationOptions({
      onSuccess: () =>
        notify({
          tone: 'ok',
          title: `The key ${name} is revoked`,
          text: 'Every gateway process refuses it.',
        }),
    }),
  )
  return (
    <AskButton
      trigger={
        <Button look="quiet" className="-my-1 h-7 px-2" aria-label={`Revoke ${name}`}>
          <Ban aria-hidden />
          Revoke
        </Button>
      }
      title={`Revoke the key ${name} of ${service}?`}
      confirmLabel="Revoke"
      asking={revoke}
      input={{ service, name }}
      kept="Look at the list: it says whether the key holds."
    >
      <p>
        Whoever shows it is refused from then on, also on connections that are open. Requests that got in
        before go on to their end. It cannot be taken back: make another key instead.
      </p>
    </AskButton>
  )
}
