'use client'

import { useMutation } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { AskButton } from '#src/components/ui/ask-button.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { useAsked } from './use-asked.ts'

/** Ends one replica, after asking; another one takes its place. */
export function TerminateReplicaButton({
  name,
  replicaId,
}: {
  readonly name: string
  readonly replicaId: number
}) {
  const trpc = useTRPC()
  const asked = useAsked()
  const terminate = useMutation(
    trpc.services.terminateReplica.mutationOptions({ onSuccess: asked(`Ending replica ${replicaId}`) }),
  )
  const label = `Terminate replica ${replicaId}`
  return (
    <AskButton
      trigger={
        <Button look="quiet" isIcon className="-my-1 size-7" aria-label={label} title={label}>
          <Trash2 aria-hidden />
        </Button>
      }
      title={`Terminate replica ${replicaId} of ${name}?`}
      confirmLabel="Terminate"
      asking={terminate}
      input={{ name, replicaId }}
    >
      <p>
        It finishes the requests it holds, then stops. The number of replicas that is wanted stays, so another
        one takes its place. Its logs are kept.
      </p>
    </AskButton>
  )
}
