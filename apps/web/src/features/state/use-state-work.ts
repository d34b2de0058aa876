'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useNotify } from '#src/components/ui/toasts.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { problemOf } from '#src/trpc/problem.ts'

/** What follows once work on the state was asked for: it is said, and shown in the list. */
export function useStateWork(said: { readonly begun: string; readonly refused: string }): {
  readonly onSuccess: () => void
  readonly onError: (error: unknown) => void
} {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const notify = useNotify()
  return {
    onSuccess: () => {
      notify({ tone: 'ok', title: said.begun, text: 'It goes on without this page, which shows its end.' })
      void queries.invalidateQueries(trpc.state.backups.queryFilter())
    },
    onError: (error) => {
      const { what, hint } = problemOf(error)
      notify({ tone: 'bad', title: said.refused, text: hint === null ? what : `${what} ${hint}` })
    },
  }
}
