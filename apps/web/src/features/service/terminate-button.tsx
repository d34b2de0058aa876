'use client'

import { useMutation } from '@tanstack/react-query'
import { PowerOff } from 'lucide-react'
import { AskButton } from '#src/components/ui/ask-button.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { useAsked } from './use-asked.ts'

/** Takes a service down, after asking; its operation is followed on the page. */
export function TerminateButton({ name }: { readonly name: string }) {
  const trpc = useTRPC()
  const asked = useAsked()
  const down = useMutation(trpc.services.down.mutationOptions({ onSuccess: asked(`Taking ${name} down`) }))
  return (
    <AskButton
      trigger={
        <Button look="danger-outline">
          <PowerOff aria-hidden />
          Terminate
        </Button>
      }
      title={`Terminate ${name}?`}
      confirmLabel="Terminate"
      asking={down}
      input={{ name }}
    >
      <p>
        Its replicas finish the requests they hold, then stop. Its port is given back and its address stops
        answering. Logs and history are kept. This cannot be undone.
      </p>
    </AskButton>
  )
}
