'use client'

import { useMutation } from '@tanstack/react-query'
import { Undo2 } from 'lucide-react'
import { AskButton } from '#src/components/ui/ask-button.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { useUndo } from '../undo/use-undo.ts'
import { useAsked } from '../service/use-asked.ts'

/** Goes back to an older version with its own files and secrets, after asking. */
export function RollbackButton({
  name,
  to,
  label,
}: {
  readonly name: string
  readonly to: number
  readonly label: string
}) {
  const trpc = useTRPC()
  const asked = useAsked()
  const undo = useUndo()
  const rollback = useMutation(
    trpc.services.rollback.mutationOptions({
      onMutate: () => undo.ofRollback(name),
      onSuccess: (answer, _, way) => asked(`Going back to version ${to}`, way)(answer),
    }),
  )
  return (
    <AskButton
      trigger={
        <Button>
          <Undo2 aria-hidden />
          {label}
        </Button>
      }
      title={`Roll ${name} back to version ${to}?`}
      confirmLabel="Roll back"
      isDanger={false}
      asking={rollback}
      input={{ name, to }}
    >
      <p>
        Version {to} takes over again, with its own files and secrets, the way it was rolled out. Replicas
        that run the same task are kept; the others go on until their successors answer. No version is lost:
        you can go forward again in the same way.
      </p>
    </AskButton>
  )
}
