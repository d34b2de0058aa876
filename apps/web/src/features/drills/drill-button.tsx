'use client'

import { useMutation } from '@tanstack/react-query'
import { Siren } from 'lucide-react'
import { useState } from 'react'
import type { ServiceView } from '@skykeep/core/views'
import { AskButton } from '#src/components/ui/ask-button.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { useNotify } from '#src/components/ui/toasts.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { DrillForm, isAskable, type DrillDraft } from './drill-form.tsx'

/** Asks what to kill and how often, says plainly what that does, and starts the drill on the control plane's machine. */
export function DrillButton({
  service: { name, status, readyReplicas },
  isRunning,
  onStarted,
}: {
  readonly service: Pick<ServiceView, 'name' | 'status' | 'readyReplicas'>
  /** A drill of this service runs now. */
  readonly isRunning: boolean
  readonly onStarted: () => void
}) {
  const trpc = useTRPC()
  const notify = useNotify()
  const [draft, setDraft] = useState<DrillDraft>({ target: 'worker', repeats: 1, isConfirmed: false })
  const run = useMutation(
    trpc.drills.run.mutationOptions({
      onSuccess: () => {
        notify({
          tone: 'ok',
          title: 'The drill begins',
          text: 'It goes on without this page, which shows it.',
        })
        onStarted()
      },
    }),
  )
  return (
    <AskButton
      trigger={
        <Button
          disabled={isRunning || status !== 'READY'}
          title={status === 'READY' ? undefined : 'A drill needs a service that is ready.'}
        >
          <Siren aria-hidden />
          Run recovery drill
        </Button>
      }
      title={`Run a recovery drill on ${name}?`}
      confirmLabel="Run the drill"
      isRefused={!isAskable(draft, readyReplicas)}
      asking={run}
      input={{ name, ...draft }}
    >
      <p>
        A process on the control plane&apos;s machine sends 50 requests a second to the service, kills what
        you choose with SIGKILL, waits until all is as before, and records what it cost.
      </p>
      <DrillForm draft={draft} readyReplicas={readyReplicas} onChange={setDraft} />
    </AskButton>
  )
}
