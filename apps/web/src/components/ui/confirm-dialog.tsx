'use client'

import { AlertDialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { Button, buttonClasses } from './button.tsx'

/** Asks before something that is not done lightly. Stays open, with the problem shown, while the request runs or fails. */
export function ConfirmDialog({
  trigger,
  title,
  children,
  confirmLabel,
  isOpen,
  isBusy,
  isDanger = true,
  isRefused = false,
  onOpenChange,
  onConfirm,
}: {
  readonly trigger: ReactNode
  readonly title: string
  readonly children: ReactNode
  readonly confirmLabel: string
  readonly isOpen: boolean
  readonly isBusy: boolean
  /** False for what takes nothing away. */
  readonly isDanger?: boolean
  /** True: it cannot be confirmed as it stands. */
  readonly isRefused?: boolean
  readonly onOpenChange: (isOpen: boolean) => void
  readonly onConfirm: () => void
}) {
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <AlertDialog.Trigger asChild>{trigger}</AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-[rgb(6_9_15/0.55)]" />
        <AlertDialog.Content
          {...{ 'aria-describedby': undefined }}
          className="fixed top-1/2 left-1/2 z-50 flex max-h-[85dvh] w-[min(30rem,calc(100vw-2rem))] -translate-1/2 flex-col gap-3 overflow-y-auto rounded-xl border border-line bg-surface p-5 shadow-float"
        >
          <AlertDialog.Title className="text-[1.1rem] font-semibold">{title}</AlertDialog.Title>
          <div className="flex flex-col gap-3 text-soft">{children}</div>
          <div className="mt-2 flex justify-end gap-2">
            <AlertDialog.Cancel className={buttonClasses('outline')}>Cancel</AlertDialog.Cancel>
            <Button look={isDanger ? 'danger' : 'solid'} disabled={isBusy || isRefused} onClick={onConfirm}>
              {isBusy ? 'Asking…' : confirmLabel}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
