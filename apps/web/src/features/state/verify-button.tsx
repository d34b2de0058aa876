'use client'

import { useMutation } from '@tanstack/react-query'
import { ShieldCheck } from 'lucide-react'
import { Button } from '#src/components/ui/button.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { useStateWork } from './use-state-work.ts'

/** Restores a backup into a temporary database and compares, as `skykeep state verify` does. */
export function VerifyButton({ name, isBusy }: { readonly name: string; readonly isBusy: boolean }) {
  const trpc = useTRPC()
  const then = useStateWork({ begun: 'The check begins', refused: 'No check was begun' })
  const verify = useMutation(trpc.state.verify.mutationOptions(then))
  return (
    <Button
      disabled={isBusy || verify.isPending}
      aria-label={`Verify ${name}`}
      onClick={() => verify.mutate({ name })}
    >
      <ShieldCheck aria-hidden />
      Verify
    </Button>
  )
}
