'use client'

import { useState, type ReactNode } from 'react'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { ProblemNotice } from './problem-notice.tsx'

/** A mutation, as far as asking for it needs to know. */
export interface Asking<Input> {
  readonly isPending: boolean
  readonly isError: boolean
  readonly error: unknown
  reset(): void
  mutate(input: Input, options: { readonly onSuccess: () => void }): void
}

/** A button that asks before it changes something; the dialog closes once it was taken, and shows why where it was not. */
export function AskButton<Input>({
  trigger,
  title,
  confirmLabel,
  isDanger = true,
  isRefused = false,
  asking,
  input,
  kept = 'Nothing was changed.',
  children,
}: {
  readonly trigger: ReactNode
  readonly title: string
  readonly confirmLabel: string
  readonly isDanger?: boolean
  /** True: what is filled in cannot be asked for yet. */
  readonly isRefused?: boolean
  readonly asking: Asking<Input>
  readonly input: Input
  readonly kept?: string
  /** What will happen, in plain words, and what there is to choose. */
  readonly children: ReactNode
}) {
  const [isOpen, setOpen] = useState(false)
  return (
    <ConfirmDialog
      isOpen={isOpen}
      isBusy={asking.isPending}
      isDanger={isDanger}
      isRefused={isRefused}
      onOpenChange={(next) => {
        if (next) asking.reset()
        setOpen(next)
      }}
      trigger={trigger}
      title={title}
      confirmLabel={confirmLabel}
      onConfirm={() => asking.mutate(input, { onSuccess: () => setOpen(false) })}
    >
      {children}
      {asking.isError ? <ProblemNotice error={asking.error} kept={kept} /> : null}
    </ConfirmDialog>
  )
}
