'use client'

import { useMutation } from '@tanstack/react-query'
import { Archive } from 'lucide-react'
import type { StateWorkView } from '@skykeep/core/state-views'
import { Button } from '#src/components/ui/button.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { useStateWork } from './use-state-work.ts'

/** Makes a backup while everything goes on, as `skykeep state backup` does. */
export function MakeBackupButton({ work }: { readonly work: readonly StateWorkView[] }) {
  const trpc = useTRPC()
  const then = useStateWork({ begun: 'The backup begins', refused: 'No backup was begun' })
  const backUp = useMutation(trpc.state.backUp.mutationOptions(then))
  const isBusy = backUp.isPending || work.some(({ kind }) => kind === 'backup')
  return (
    <Button disabled={isBusy} onClick={() => backUp.mutate()}>
      <Archive aria-hidden />
      Make a backup
    </Button>
  )
}
