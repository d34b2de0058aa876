'use client'

import { useRouter } from 'next/navigation'
import type { ServiceSummary } from '@skykeep/core/views'
import { useNotify, type Undo } from '#src/components/ui/toasts.tsx'
import { problemOf } from '#src/trpc/problem.ts'
import { useTRPCClient } from '#src/trpc/client.ts'
import { useUndo } from '../undo/use-undo.ts'
import type { ServiceAction } from './palette-query.ts'

/** Does what was chosen in the palette: what only looks goes there; what changes is asked for at once, with the way back beside it. */
export function useServiceActions(): (action: ServiceAction, service: ServiceSummary) => void {
  const client = useTRPCClient()
  const router = useRouter()
  const notify = useNotify()
  const undo = useUndo()
  const ask = (title: string, asking: Promise<unknown>, way: Undo | undefined): void => {
    asking.then(
      () => notify({ tone: 'ok', title, text: 'Its progress stands under Operations.', undo: way }),
      (error: unknown) => {
        const { what, hint } = problemOf(error)
        notify({ tone: 'bad', title: 'Not done', text: `${what} ${hint ?? ''}`.trim() })
      },
    )
  }
  return (action, { name, version }) => {
    const page = `/services/${encodeURIComponent(name)}`
    switch (action) {
      case 'pause':
        return ask(`Pausing ${name}`, client.services.pause.mutate({ name }), undo.ofPause(name))
      case 'resume':
        return ask(`Resuming ${name}`, client.services.resume.mutate({ name }), undo.ofResume(name))
      case 'roll back':
        return ask(
          `Rolling ${name} back`,
          client.services.rollback.mutate({ name }),
          undo.ofRollbackFrom(name, version),
        )
      case 'update':
        return router.push(`/launch?service=${encodeURIComponent(name)}`)
      case 'logs':
      case 'events':
      case 'scaling':
        return router.push(`${page}?tab=${action}`)
    }
  }
}
