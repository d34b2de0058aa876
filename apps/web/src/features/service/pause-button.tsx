'use client'

import { useMutation } from '@tanstack/react-query'
import { CirclePause, CirclePlay } from 'lucide-react'
import { AskButton } from '#src/components/ui/ask-button.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { useNotify } from '#src/components/ui/toasts.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { problemOf } from '#src/trpc/problem.ts'
import { useUndo } from '../undo/use-undo.ts'
import { useAsked } from './use-asked.ts'

/** Planned down time, and its end. */
export function PauseButton({ name, isPaused }: { readonly name: string; readonly isPaused: boolean }) {
  return isPaused ? <ResumeButton name={name} /> : <AskPause name={name} />
}

function AskPause({ name }: { readonly name: string }) {
  const trpc = useTRPC()
  const asked = useAsked()
  const undo = useUndo()
  const pause = useMutation(
    trpc.services.pause.mutationOptions({ onSuccess: asked(`Pausing ${name}`, undo.ofPause(name)) }),
  )
  return (
    <AskButton
      trigger={
        <Button>
          <CirclePause aria-hidden />
          Pause
        </Button>
      }
      title={`Pause ${name}?`}
      confirmLabel="Pause"
      asking={pause}
      input={{ name }}
    >
      <p>
        Its replicas finish the requests they hold, then stop, and cost nothing. Its address stays and answers
        503 with the reason until you resume it. Versions, schedule and history are kept.
      </p>
    </AskButton>
  )
}

function ResumeButton({ name }: { readonly name: string }) {
  const trpc = useTRPC()
  const notify = useNotify()
  const asked = useAsked()
  const undo = useUndo()
  const resume = useMutation(
    trpc.services.resume.mutationOptions({
      onSuccess: asked(`Resuming ${name}`, undo.ofResume(name)),
      onError: (error) => notify({ tone: 'bad', title: 'Not resumed', text: problemOf(error).what }),
    }),
  )
  return (
    <Button look="solid" disabled={resume.isPending} onClick={() => resume.mutate({ name })}>
      <CirclePlay aria-hidden />
      Resume
    </Button>
  )
}
